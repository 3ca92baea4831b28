import HTTPTypes
import Hummingbird
import Store
import Vault

/// Binds a visit to a provider's consent page to the browser that began it: a code that another browser brings is not
/// taken (https://www.rfc-editor.org/rfc/rfc9700#section-4.7). One cookie serves all visits of a browser.
enum ConnectCookie {
    static let name = "__Host-errand-connect"

    /// `nil` when there is none, or one that was not made here.
    static func read(_ headers: HTTPFields) -> RandomSecret? { Cookies(headers)[name].flatMap { RandomSecret($0) } }

    /// Lives as long as a visit that begins now. It comes back with the provider's redirect, which is a navigation by
    /// another site: `Lax` lets it.
    static func set(_ secret: RandomSecret, on response: inout Response) {
        let value = "\(name)=\(secret.text); Max-Age=\(Authorizations.lifeSeconds); HttpOnly"
        response.headers.append(HTTPField(name: .setCookie, value: "\(value); Path=/; Secure; SameSite=Lax"))
    }
}
