import CCurl

/// A mail server, as a URL names it: `smtp://user:password@host:587`, `smtps://host`, `smtp://127.0.0.1:2525?tls=off`.
package struct SMTPServer: Sendable, Equatable {
    package enum Encryption: Sendable, Equatable {
        /// From the first byte on: `smtps`.
        case implicit
        /// By STARTTLS, or nothing is sent.
        case required
        case none
    }

    package let host: String
    package let port: Int
    let user: String?
    let password: String?
    package let encryption: Encryption
    /// How the client introduces itself. `nil`: by the name of this machine.
    let greeting: String?

    /// Says what to do, without the URL: it holds a password.
    package struct InvalidURL: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// A port that is left out is 587, where mail is submitted (RFC 6409), or 465 for `smtps` (RFC 8314). User and
    /// password are percent-encoded. The path, if any, is the name to introduce oneself by. `tls=required` and
    /// `tls=off` say what to do with a `smtp` URL; by default only a server on this machine is spoken to in clear.
    /// - Throws: `InvalidURL`.
    package init(url: String) throws(InvalidURL) {
        guard let parts = URLParts(url), let scheme = parts[CURLUPART_SCHEME], let host = parts[CURLUPART_HOST],
            scheme == "smtp" || scheme == "smtps"
        else { throw InvalidURL(description: "must be a URL such as smtp://user:password@mail.example.org:587") }
        self.host = host
        user = try parts.decoded(CURLUPART_USER)
        password = try parts.decoded(CURLUPART_PASSWORD)
        port = parts[CURLUPART_PORT].flatMap { Int($0) } ?? (scheme == "smtps" ? 465 : 587)
        let path = parts[CURLUPART_PATH]?.drop { $0 == "/" } ?? ""
        greeting = path.isEmpty ? nil : String(path)
        guard path.utf8.allSatisfy({ Mailbox.isLetterOrDigit($0) || "-._:[]".utf8.contains($0) }) else {
            throw InvalidURL(description: "must have no path, or one that is a host's name")
        }
        encryption = try Self.encryption(parts[CURLUPART_QUERY], isImplicit: scheme == "smtps", host: host)
    }

    private static func encryption(
        _ query: String?, isImplicit: Bool, host: String
    ) throws(InvalidURL) -> Encryption {
        if isImplicit, query == nil { return .implicit }
        switch query {
        case nil: return isLoopback(host) ? .none : .required
        case "tls=required" where !isImplicit: return .required
        case "tls=off" where !isImplicit: return .none
        default:
            throw InvalidURL(description: "may end with ?tls=required or ?tls=off when it begins with smtp, not else")
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "[::1]" || host.wholeMatch(of: /127\.\d+\.\d+\.\d+/) != nil
    }

    /// Without user and password, which libcurl is given apart.
    var url: String { "\(encryption == .implicit ? "smtps" : "smtp")://\(host):\(port)/\(greeting ?? "")" }
}

extension SMTPServer: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { url }
    package var debugDescription: String { url }
    package var customMirror: Mirror { Mirror(self, children: ["url": url]) }
}

/// libcurl's own reading of a URL, so that what is checked is what it will connect to.
private final class URLParts {
    private let handle: OpaquePointer

    init?(_ text: String) {
        guard let handle = curl_url() else { return nil }
        self.handle = handle
        guard curl_url_set(handle, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME)) == CURLUE_OK else {
            return nil
        }
    }

    deinit { curl_url_cleanup(handle) }

    /// As it stands in the URL. `nil` when the part is missing.
    subscript(part: CURLUPart) -> String? { text(of: part, flags: 0) }

    /// Percent-decoded. `nil` when the part is missing.
    /// - Throws: `InvalidURL` when it cannot be decoded, or holds control characters.
    func decoded(_ part: CURLUPart) throws(SMTPServer.InvalidURL) -> String? {
        guard self[part] != nil else { return nil }
        guard let text = text(of: part, flags: UInt32(CURLU_URLDECODE)) else {
            throw SMTPServer.InvalidURL(description: "must have user and password percent-encoded")
        }
        return text
    }

    private func text(of part: CURLUPart, flags: UInt32) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
