import Testing

@testable import Redis

struct RedisEndpointTests {
    @Test func `all parts of a URL are taken`() throws {
        let endpoint = try RedisEndpoint(url: "rediss://us%3Aer:p%40ss%2Fw@cache.example:6380/7?ca=/etc/ca.pem")
        #expect(endpoint.host == "cache.example" && endpoint.port == 6380 && endpoint.database == 7)
        #expect(endpoint.user == "us:er" && endpoint.password == "p@ss/w")
        #expect(endpoint.isEncrypted && endpoint.certificateAuthorityFile == "/etc/ca.pem")
        #expect(endpoint.greeting(clientName: "x").map(\.name) == ["AUTH", "SELECT", "CLIENT", "PING"])
    }

    @Test func `a host alone gets the defaults`() throws {
        let endpoint = try RedisEndpoint(url: "redis://localhost")
        #expect(endpoint.port == 6379 && endpoint.database == 0 && !endpoint.isEncrypted)
        #expect(endpoint.user == nil && endpoint.password == nil)
        #expect(endpoint.greeting(clientName: nil).map(\.name) == ["PING"])
    }

    @Test func `an IPv6 address stands in brackets`() throws {
        #expect(try RedisEndpoint(url: "redis://[::1]:7000/1").host == "::1")
    }

    @Test func `a password alone is taken`() throws {
        let endpoint = try RedisEndpoint(url: "redis://:secret@localhost/")
        #expect(endpoint.user == nil && endpoint.password == "secret")
    }

    @Test(arguments: [
        "", "localhost:6379", "http://localhost", "redis://", "redis://h/x", "redis://h/-1", "redis://h:0",
        "redis://h:99999", "redis://hunter2@h", "redis://u:hunter2@[h", "redis://u:hunter2@h/1/2",
    ])
    func `a URL that cannot be used is refused without repeating it`(url: String) {
        let error = #expect(throws: RedisError.self) { try RedisEndpoint(url: url) }
        #expect(error?.label == "configuration")
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func `no way of printing a configuration shows the password`() throws {
        let configuration = try RedisConfiguration(url: "redis://user:hunter2@localhost:1/2")
        var dumped = ""
        dump(configuration, to: &dumped)
        dump(configuration.endpoint, to: &dumped)
        dumped += "\(configuration) \(configuration.endpoint)" + String(reflecting: configuration)
        dump(RedisCommand(["AUTH", "hunter2"]).description, to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect("\(configuration)" == "localhost:1/2")
    }
}
