import Foundation
import Synchronization

/// What the simulator saw and did, newest last; the oldest entries make room. Times are Unix seconds.
final class RequestLog: Sendable {
    struct Entry: Sendable {
        var id: Int
        var at: Date
        var model: String
        var isStreaming: Bool
        var messages: [JSONValue]
        /// The client's trace headers, by name.
        var trace: [String: String]
        var status: Int?
        var tokensSent = 0
        var finishedAt: Date?
        /// When the client closed its socket before the answer was complete.
        var clientClosedAt: Date?
    }

    private struct State {
        var entries: [Entry] = []
        var count = 0
    }
    private let state = Mutex(State())
    private static let limit = 2_000

    func add(_ request: ChatCompletionRequest, trace: [String: String] = [:]) -> Int {
        state.withLock { state in
            state.count += 1
            if state.entries.count >= Self.limit { state.entries.removeFirst(Self.limit / 2) }
            state.entries.append(
                Entry(
                    id: state.count, at: Date(), model: request.model, isStreaming: request.isStreaming,
                    messages: request.messages, trace: trace))
            return state.count
        }
    }

    func update(_ id: Int, _ change: (inout Entry) -> Void) {
        state.withLock { state in
            // Identifiers are consecutive, so the entry's place follows from the newest one.
            let index = state.entries.count - 1 - (state.count - id)
            if state.entries.indices.contains(index) { change(&state.entries[index]) }
        }
    }

    func entries(where matches: (Entry) -> Bool) -> [Entry] {
        state.withLock { $0.entries.filter(matches) }
    }

    func removeAll() {
        state.withLock { $0.entries = [] }
    }
}

extension RequestLog.Entry {
    var json: JSONValue {
        func time(_ date: Date?) -> JSONValue { date.map { .number($0.timeIntervalSince1970) } ?? .null }
        return .members([
            "id": .integer(id), "at": time(at), "model": .string(model), "stream": .bool(isStreaming),
            "messages": .array(messages), "status": status.map(JSONValue.integer) ?? .null,
            "traceparent": trace["traceparent"].map(JSONValue.string) ?? .null,
            "tracestate": trace["tracestate"].map(JSONValue.string) ?? .null,
            "tokens_sent": .integer(tokensSent), "finished_at": time(finishedAt),
            "client_closed_at": time(clientClosedAt),
        ])
    }
}
