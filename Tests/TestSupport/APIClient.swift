package import Domain
import Foundation
package import HTTPTransport

/// A client of the gateway, over real HTTP.
package struct APIClient: Sendable {
    package struct Answer: Sendable {
        package let status: Int
        package let headers: HTTPHeaders
        package let body: [UInt8]

        package init(status: Int, headers: HTTPHeaders, body: [UInt8]) {
            self.status = status
            self.headers = headers
            self.body = body
        }

        package func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
            try JSONDecoder().decode(type, from: Data(body))
        }

        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// A job as the API shows it, as far as tests look at it.
    package struct JobView: Decodable, Sendable {
        package struct Result: Decodable, Sendable {
            package var text: String?
            package var turn: Int?
        }
        package struct Failure: Decodable, Sendable { package var code: String }

        package var id: JobID
        package var state: JobState
        package var attempt: Int
        package var attempts_spent: Int
        package var finished_at: String?
        package var result: Result?
        package var failure: Failure?
        package var conversation_id: ConversationID?
    }

    package let transport: HTTPTransport
    package let base: String
    package let key: String

    package init(transport: HTTPTransport, base: String, key: String) {
        self.transport = transport
        self.base = base
        self.key = key
    }

    package func send(
        _ method: String, _ path: String, body: String? = nil, headers: [(name: String, value: String)] = [],
        deadlines: HTTPDeadlines = HTTPDeadlines()
    ) async throws -> Answer {
        var all = headers
        all.append((name: "Authorization", value: "Bearer \(key)"))
        if body != nil { all.append((name: "Content-Type", value: "application/json")) }
        let response = try await transport.send(
            HTTPRequest(
                method: method, url: base + path, headers: all, body: body.map { Array($0.utf8) },
                deadlines: deadlines))
        return Answer(
            status: response.status, headers: response.headers, body: try await response.body.collect(upTo: 8 << 20))
    }

    package func post(_ path: String, _ body: String) async throws -> JobView {
        let answer = try await send("POST", "/api/v1" + path, body: body)
        guard answer.status == 202 else { throw Unexpected(answer.status, answer.text) }
        return try answer.decode()
    }

    package func ask(_ message: String, in conversation: ConversationID? = nil) async throws -> JobView {
        let body = ["message": message].merging(conversation.map { ["conversation_id": "\($0)"] } ?? [:]) { $1 }
        return try await post("/chat/messages", String(decoding: try JSONEncoder().encode(body), as: UTF8.self))
    }

    /// The job as it is now.
    package func job(_ id: JobID) async throws -> JobView {
        let answer = try await send("GET", "/api/v1/jobs/\(id)")
        guard answer.status == 200 else { throw Unexpected(answer.status, answer.text) }
        return try answer.decode()
    }

    /// Waits, with as many requests as it takes, until the job has ended.
    package func end(of id: JobID, within seconds: Int = 60) async throws -> JobView {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let answer = try await send("GET", "/api/v1/jobs/\(id)?wait=10")
            guard answer.status == 200 else { throw Unexpected(answer.status, answer.text) }
            let job: JobView = try answer.decode()
            if job.state.isTerminal { return job }
            if ContinuousClock.now > deadline { throw Unexpected(0, "job \(id) is still \(job.state)") }
        }
    }

    /// Reads a job's stream until a body says that it has enough, or the stream ends.
    package func follow(
        _ id: JobID, after cursor: String? = nil, _ isEnough: (ServerSentEvent) async throws -> Bool
    ) async throws {
        var headers = [(name: "Authorization", value: "Bearer \(key)")]
        if let cursor { headers.append((name: "Last-Event-ID", value: cursor)) }
        let response = try await transport.send(
            HTTPRequest(url: "\(base)/api/v1/jobs/\(id)/events", headers: headers))
        guard response.status == 200 else { throw Unexpected(response.status, "events") }
        var decoder = ServerSentEventDecoder()
        for try await bytes in response.body {
            for event in try decoder.feed(bytes) where try await isEnough(event) { return }
        }
    }

    package struct Unexpected: Error, CustomStringConvertible {
        package let description: String
        init(_ status: Int, _ text: String) { description = "\(status): \(text)" }
    }
}
