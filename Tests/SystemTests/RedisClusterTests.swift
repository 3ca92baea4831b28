import Domain
import TestSupport
import Testing
import Vault

/// Gateway and worker over a Redis Cluster, where the keys of one request lie on different nodes.
@Suite(.serialized, .timeLimit(.minutes(3))) struct RedisClusterTests {
    private struct Key: Decodable { var key: String }

    /// How often each status came of so many requests at once; with what was violated where it is a refusal.
    private func outcomes(
        of count: Int, _ accounts: AccountSystem, _ path: String, _ credential: String
    ) async throws -> [String: Int] {
        struct Refusal: Decodable {
            var policies: [String]?
            private enum CodingKeys: String, CodingKey { case policies = "violated-policies" }
        }
        return try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<count {
                group.addTask {
                    let answer = try await accounts.send("GET", path, nil, credential)
                    let violated = try answer.decode(Refusal.self).policies ?? []
                    return ([String(answer.status)] + violated).joined(separator: " ")
                }
            }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }

    @Test func `limits of people, keys and addresses are counted right, and jobs run and stream`() async throws {
        let cluster = try PrivateCluster()
        let nodes = try await cluster.start()
        let limits = ["RATE_LIMIT_USER": "9/3600", "RATE_LIMIT_KEY": "7/3600", "RATE_LIMIT_IP": "40/3600"]
        try await AccountSystem.with(.es256, limits, redisURL: cluster.url) { accounts in
            _ = try await accounts.system.startWorker()
            // Counts for the address: signing up, verifying and signing in.
            let token = try await accounts.person("ada@example.com").tokens.access_token
            let scopes = #"{"name":"cron","scopes":["jobs:read","jobs:write"]}"#
            let key = try await accounts.send("POST", "/keys", scopes, token).decode(Key.self).key
            #expect(try await outcomes(of: 20, accounts, "/auth/me", token) == ["200": 8, "429 user": 12])
            let posted = try await accounts.send("POST", "/jobs", #"{"kind":"noop"}"#, key)
            let job: APIClient.JobView = try posted.decode()
            let ended = try await accounts.send("GET", "/jobs/\(job.id)?wait=30", nil, key)
            #expect(try ended.decode(APIClient.JobView.self).state == .succeeded)
            #expect(try await outcomes(of: 20, accounts, "/jobs", key) == ["200": 5, "429 key": 15])
            // The address has 3 requests of a stranger and 9 that passed for the person; on a node of its own it may
            // also have those 12 that were refused for the person.
            let strangers = try await outcomes(of: 60, accounts, "/jobs", "nobody's")
            #expect(strangers["401", default: 0] + strangers["429 ip", default: 0] == 60)
            #expect((16...28).contains(strangers["401", default: 0]), "\(strangers)")
            try await streams(accounts.client)
        }
        for node in nodes { await node.killNow() }
    }

    private func streams(_ client: APIClient) async throws {
        let chat = try await client.ask("hello [[sim: tokens=30 delay_ms=5]]")
        var transcript = Transcript()
        try await client.follow(chat.id) { event in
            try transcript.apply(event)
            return false
        }
        let ended = try await client.end(of: chat.id)
        #expect(ended.state == .succeeded && transcript.text == ended.result?.text && transcript.ends == 1)
    }
}
