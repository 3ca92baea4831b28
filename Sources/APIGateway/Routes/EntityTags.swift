import HTTPTypes
import Hummingbird

/// What a client has already: `If-None-Match`, RFC 9110 section 13.1.2.
struct EntityTags: Sendable {
    private let tags: [String]

    init(ifNoneMatch headers: HTTPFields) {
        tags = headers[values: .ifNoneMatch].flatMap { $0.split { $0 == "," || $0 == " " } }.map { String($0) }
    }

    var isEmpty: Bool { tags.isEmpty }

    /// The weak comparison of RFC 9110 section 8.8.3.2.
    /// - Parameter tag: with its quotes.
    func contains(_ tag: String) -> Bool {
        tags.contains { $0 == "*" || $0.trimmingPrefix("W/") == tag.trimmingPrefix("W/") }
    }
}
