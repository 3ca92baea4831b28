import Foundation
package import HTTPTransport

/// What a reader of a stream ends up with: applies events exactly as the page does, and remembers what came.
package struct Transcript: Sendable {
    package private(set) var text = ""
    package private(set) var attempts: [Int] = []
    package private(set) var ids: [String] = []
    package private(set) var snapshots = 0
    package private(set) var ends = 0

    package init() {}

    private struct Attempt: Decodable { var attempt: Int }
    private struct Text: Decodable { var text: String }

    package mutating func apply(_ event: ServerSentEvent) throws {
        let data = Data(event.data.utf8)
        switch event.event {
        case "attempt":
            attempts.append(try JSONDecoder().decode(Attempt.self, from: data).attempt)
            text = ""
        case "delta": text += try JSONDecoder().decode(Text.self, from: data).text
        case "snapshot":
            text = try JSONDecoder().decode(Text.self, from: data).text
            snapshots += 1
        case "end": ends += 1
        default: break
        }
        if event.event != "end", !event.id.isEmpty { ids.append(event.id) }
    }

    /// The last event it has.
    package var cursor: String? { ids.last }
}
