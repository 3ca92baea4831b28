import HTTPTypes
import NIOHTTPTypes

/// A short request that is kept while there is too much to do.
struct ParkedRequest: Sendable {
    let head: HTTPRequest
    let isWork: Bool
    private(set) var parts: [HTTPRequestPart] = []
    private(set) var bytes = 1_024

    /// A longer one is not kept.
    static let maxBytes = 65_536

    /// `nil`: it may be long, or its client waits to be asked for the rest.
    init?(_ head: HTTPRequest, isWork: Bool) {
        let fields = head.headerFields
        guard !fields.contains(.transferEncoding), !fields.contains(.expect) else { return nil }
        let length = fields[.contentLength].map { Int($0) ?? .max } ?? 0
        guard length <= Self.maxBytes else { return nil }
        self.head = head
        self.isWork = isWork
        bytes += length
    }

    mutating func append(_ part: HTTPRequestPart) { parts.append(part) }

    /// The whole request: its last part has come.
    func ended() -> ParkedRequest {
        var whole = self
        whole.parts.append(.end(nil))
        return whole
    }
}
