package import FoundationEssentials

/// A mail to one address, written by a program.
package struct MailMessage: Sendable, Equatable {
    /// The part of the Message-ID before the domain. A mail that is sent again keeps it: servers and people then know
    /// the two for one.
    package let id: String
    package var from: Mailbox
    package var to: Mailbox
    package var subject: String
    package var text: String
    /// The same as `text`, for who reads HTML. `nil`: text only.
    package var html: String?
    package var date: Date

    /// - Parameter id: what is in it beside letters, digits, `-` and `_` becomes `-`; cut at 100 characters.
    package init(
        id: String, from: Mailbox, to: Mailbox, subject: String, text: String, html: String? = nil, date: Date = Date()
    ) {
        let plain = id.utf8.prefix(100).map { byte in
            Mailbox.isLetterOrDigit(byte) || "-_".utf8.contains(byte) ? Character(Unicode.Scalar(byte)) : "-"
        }
        self.id = plain.isEmpty ? "message" : String(plain)
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.html = html
        self.date = date
    }

    /// With the angle brackets.
    package var messageID: String { "<\(id)@\(from.domain)>" }

    /// The message as it is stored and sent (RFC 5322), lines ending with CRLF. Dots at the start of lines are the
    /// protocol's matter, not doubled here.
    package func encoded() -> [UInt8] {
        var head = HeaderText.address("From", from) + HeaderText.address("To", to)
        head += HeaderText.unstructured("Subject", subject)
        head += "Date: \(MailDate.text(date))\r\nMessage-ID: \(messageID)\r\n"
        // https://www.rfc-editor.org/rfc/rfc3834#section-5: nobody's out-of-office notice answers it.
        head += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
        guard let html else { return Array(head.utf8) + Self.part("plain", text) }
        // `=_` occurs in neither encoding, so the boundary is in none of the parts.
        let boundary = "=_\(id.prefix(40))"
        head += "Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\"\r\n\r\n"
        // The line end before a boundary belongs to the boundary (RFC 2046 section 5.1.1).
        head += "--\(boundary)\r\n"
        return Array(head.utf8) + Self.part("plain", text) + Array("\r\n--\(boundary)\r\n".utf8)
            + Self.part("html", html) + Array("\r\n--\(boundary)--\r\n".utf8)
    }

    private static func part(_ type: String, _ text: String) -> [UInt8] {
        let body = BodyText(text)
        let head = """
            Content-Type: text/\(type); charset=utf-8\r
            Content-Transfer-Encoding: \(body.encoding)\r
            \r

            """
        return Array(head.utf8) + body.bytes
    }
}
