/// One answer, after which the connection closes.
struct ServerAnswer: Sendable, Equatable {
    var status: Int
    var contentType = "text/plain; charset=utf-8"
    var body: [UInt8]

    /// An answer that says no more than its status.
    init(status: Int) {
        self.init(status: status, body: Array("\(Self.reason(status))\n".utf8))
    }

    init(status: Int, contentType: String = "text/plain; charset=utf-8", body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// The bytes on the wire; a HEAD request gets the head only.
    func bytes(withBody: Bool) -> [UInt8] {
        let allow = status == 405 ? "Allow: GET, HEAD\r\n" : ""
        let head = """
            HTTP/1.1 \(status) \(Self.reason(status))\r\nContent-Type: \(contentType)\r\n\
            Content-Length: \(body.count)\r\nCache-Control: no-store\r\n\(allow)Connection: close\r\n\r\n
            """
        return Array(head.utf8) + (withBody ? body : [])
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 431: "Request Header Fields Too Large"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Error"
        }
    }
}
