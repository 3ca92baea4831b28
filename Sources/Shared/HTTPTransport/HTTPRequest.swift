/// One request, complete in memory. The answer streams.
package struct HTTPRequest: Sendable {
    /// An RFC 9110 token, sent as written: "GET", "POST".
    package var method: String
    /// Absolute, `http` or `https`, without user name or password.
    package var url: String
    /// Sent in this order. A name given here replaces the transport's own header of that name (User-Agent).
    package var headers: [(name: String, value: String)]
    /// `nil` sends no body. A POST, PUT or PATCH without one says `Content-Length: 0`.
    package var body: [UInt8]?
    package var deadlines: HTTPDeadlines
    /// Bound on the bytes of the answer's status line, headers and trailers together.
    package var maxHeaderBytes: Int
    /// Whether libcurl may send the request again on a fresh connection when a kept-alive one died before the first
    /// byte of an answer. The server may have acted on the lost request, so this is for requests that are harmless
    /// to repeat. `nil` decides by the method: GET, HEAD, OPTIONS, TRACE, PUT and DELETE repeat (RFC 9110, 9.2.2).
    package var isRepeatable: Bool?
    /// Opens a connection for this request alone and closes it afterwards, so that none that the server has given up is
    /// tried: for a request that must not get lost.
    package var usesFreshConnection = false
    /// Offers gzip and deflate to the server and decodes the body. Without it no Accept-Encoding is sent.
    package var decompresses: Bool

    package init(
        method: String = "GET", url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        deadlines: HTTPDeadlines = HTTPDeadlines(), maxHeaderBytes: Int = 64 * 1024, isRepeatable: Bool? = nil,
        decompresses: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.deadlines = deadlines
        self.maxHeaderBytes = maxHeaderBytes
        self.isRepeatable = isRepeatable
        self.decompresses = decompresses
    }

    var mayRepeat: Bool {
        isRepeatable ?? ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"].contains(method)
    }

    /// Refuses what would change the shape of the message on the wire: a method or name that is no token, and
    /// CR, LF or NUL in a value (header injection).
    func validate() throws(HTTPTransportError) {
        guard Self.isToken(method) else { throw .invalidRequest(reason: "method is not a token") }
        for header in headers {
            guard Self.isToken(header.name) else { throw .invalidRequest(reason: "header name is not a token") }
            guard !header.value.utf8.contains(where: { $0 == 0 || $0 == 10 || $0 == 13 }) else {
                throw .invalidRequest(reason: "header value holds a line break or NUL: \(header.name)")
            }
            guard !["content-length", "transfer-encoding"].contains(header.name.lowercased()) else {
                throw .invalidRequest(reason: "the transport frames the body itself: \(header.name)")
            }
        }
    }

    /// https://www.rfc-editor.org/rfc/rfc9110#name-tokens
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
