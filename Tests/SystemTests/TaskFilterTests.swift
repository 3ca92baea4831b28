import Domain
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct TaskFilterTests {
    private struct Listed: Decodable {
        struct Task: Decodable { var title: String }
        var tasks: [Task]
    }

    @Test(arguments: [
        ("", ["cancelled", "done", "in_progress", "open"]), ("?status=done", ["done"]),
        ("?status=open,in_progress", ["in_progress", "open"]),
        ("?status=open%2Cin_progress", ["in_progress", "open"]),
        ("?status=open&status=in_progress", ["in_progress", "open"]),
        ("?status=open,done&status=done&status=cancelled", ["cancelled", "done", "open"]),
    ])
    func `tasks of several statuses are asked for at once`(query: String, found: [String]) async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            for status in TaskStatus.allCases.map(\.rawValue) {
                let made = try await client.send(
                    "POST", "/api/v1/tasks", body: #"{"title":"\#(status)","status":"\#(status)"}"#)
                try #require(made.status == 201, "\(made.text)")
            }
            let listed = try await client.send("GET", "/api/v1/tasks" + query).decode(Listed.self)
            #expect(listed.tasks.map(\.title).sorted() == found)
        }
    }

    @Test func `a status that is none is refused, wherever it stands`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            for query in ["status=", "status=open,", "status=late", "status=open&status=late", "status=open,,done"] {
                let answer = try await client.send("GET", "/api/v1/tasks?" + query)
                #expect(answer.status == 422, "\(query): \(answer.text)")
                #expect(answer.text.contains("status must be one of open, in_progress, done, cancelled"))
            }
        }
    }
}
