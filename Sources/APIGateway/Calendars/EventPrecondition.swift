import HTTPTypes
import Hummingbird

/// The version of an event that a change is meant for.
enum EventPrecondition {
    static let maxBytes = 200

    /// The one tag of `If-Match` (RFC 9110 section 13.1.1), as the provider gave it, with its quotes. `nil`: `*`, or no
    /// header; whatever is there.
    /// - Throws: `Problem` (422) for what no version of an event has.
    static func read(_ request: Request) throws -> String? {
        let values = request.headers[values: .ifMatch]
        guard let value = values.first, value != "*" || values.count > 1 else { return nil }
        guard values.count == 1, value.utf8.count <= maxBytes, value.wholeMatch(of: /"[!#-~]+"/) != nil else {
            throw Problem.invalid("If-Match", "must be the etag of one event with its quotes, or *")
        }
        return value
    }
}
