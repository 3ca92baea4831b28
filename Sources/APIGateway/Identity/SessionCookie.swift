import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Vault

/// The cookies of a browser's session. The prefix `__Host-` makes the browser refuse them unless they are secure, for
/// this host alone and for all of its paths
/// (https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3.2).
enum SessionCookie {
    static let name = "__Host-errand-session"
    /// Readable by the page, which sends it back as X-CSRF-Token.
    static let csrfName = "__Host-errand-csrf"

    /// - Parameter csrf: goes with the session.
    static func set(_ session: String, csrf: String, lifeDays: Int, on response: inout Response) {
        let life = "Max-Age=\(lifeDays * 86_400)"
        add("\(name)=\(session); \(life); HttpOnly", to: &response)
        add("\(csrfName)=\(csrf); \(life)", to: &response)
    }

    static func clear(on response: inout Response) {
        add("\(name)=; Max-Age=0; HttpOnly", to: &response)
        add("\(csrfName)=; Max-Age=0", to: &response)
    }

    private static func add(_ cookie: String, to response: inout Response) {
        response.headers.append(HTTPField(name: .setCookie, value: "\(cookie); Path=/; Secure; SameSite=Lax"))
    }
}

/// The cookies of a request (RFC 6265 section 5.4).
struct Cookies {
    private let values: [Substring: Substring]

    init(_ headers: HTTPFields) {
        var values: [Substring: Substring] = [:]
        for header in headers[values: .cookie] {
            for pair in header.split(separator: ";") {
                let parts = pair.drop { $0 == " " }.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, values[parts[0]] == nil else { continue }
                values[parts[0]] = parts[1]
            }
        }
        self.values = values
    }

    subscript(name: String) -> Substring? { values[name[...]] }
}
