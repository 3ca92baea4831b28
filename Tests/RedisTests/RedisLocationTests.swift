import Testing

@testable import Redis

struct RedisLocationTests {
    @Test func `a sentinel URL names sentinels, master, database and both logins`() throws {
        let url = "rediss+sentinel://us%3Aer:p%40ss@one:1,[::1]:2,three/my-master.1/4?sentinel_password=s%26x&ca=/a.pem"
        let location = try RedisLocation(url: url)
        guard case .sentinel(let master, let sentinels) = location.topology else { throw RedisError.overloaded }
        #expect(master == "my-master.1")
        #expect(sentinels.map(\.node.description) == ["one:1", "[::1]:2", "three:26379"])
        #expect(sentinels.allSatisfy { $0.isEncrypted && $0.password == "s&x" && $0.user == nil && $0.database == 0 })
        #expect(sentinels[0].greeting(clientName: nil).map(\.name) == ["AUTH", "PING"])
        let data = location.endpoint
        #expect(data.user == "us:er" && data.password == "p@ss" && data.database == 4 && data.isEncrypted)
        #expect(data.certificateAuthorityFile == "/a.pem")
        #expect(data.greeting(clientName: "x").map(\.name) == ["AUTH", "SELECT", "CLIENT", "ROLE", "PING"])
    }

    @Test func `a cluster URL names nodes and a login`() throws {
        let location = try RedisLocation(url: "redis+cluster://:pass@one:1,two/")
        guard case .cluster(let seeds) = location.topology else { throw RedisError.overloaded }
        #expect(seeds.map(\.node.description) == ["one:1", "two:6379"])
        #expect(seeds.allSatisfy { $0.password == "pass" && !$0.isEncrypted })
        #expect(location.endpoint.greeting(clientName: nil).map(\.name) == ["AUTH", "PING"])
    }

    @Test func `a plain URL is a single server`() throws {
        #expect(try RedisLocation(url: "redis://h:1/2").topology == .single)
    }

    @Test(arguments: [
        ("redis+sentinel://hunter2@h:1/m", "user but no password"), ("redis+sentinel://h:1", "names no master"),
        ("redis+sentinel://h:1/", "names no master"), ("redis+sentinel://h:1/m/x", "number of a database"),
        ("redis+sentinel://h:1/m/1/2", "more than"), ("redis+sentinel://h:1/m%20n", "name has only"),
        ("redis+sentinel:///m", "names no host"), ("redis+sentinel://h:1,/m", "comma"),
        ("redis+sentinel://h:0/m", "port"), ("redis+sentinel://h:1/m?sentinel_user=hunter2", "sentinel_password"),
        ("redis+cluster://h:1/3", "database 0"), ("redis+cluster://", "names no host"),
        ("redis+cluster://h:1,h:99999", "port"),
        ("redis+cluster://h?sentinel_password=hunter2", "belong to a sentinel"),
        ("redis+nothing://h", "starts neither"),
    ])
    func `a URL that cannot be used is refused with a reason that does not repeat it`(url: String, reason: String) {
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error?.label == "configuration")
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test(arguments: [
        ("redis+sentinel://u:hunter2@a:1,b:2/m/3?sentinel_password=hunter2", "m/3 of a:1,b:2"),
        ("redis+cluster://u:hunter2@a:1,b:2", "cluster of a:1,b:2"),
    ])
    func `no way of printing shows a password`(url: String, description: String) throws {
        let configuration = try RedisConfiguration(url: url)
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("hunter2") && !String(reflecting: configuration).contains("hunter2"))
        #expect("\(configuration)" == description)
    }
}
