import HTTPTypes
import Hummingbird
import Testing
import Vault

@testable import APIGateway

@Suite struct ConnectCookieTests {
    @Test func `it is for this host alone, not for scripts, and for 15 minutes`() throws {
        var response = Response(status: .ok)
        let secret = RandomSecret.make()
        ConnectCookie.set(secret, on: &response)
        let parts = try #require(response.headers[.setCookie]).split(separator: ";").map { $0.drop { $0 == " " } }
        #expect(parts[0] == "__Host-errand-connect=\(secret.text)")
        #expect(Set(parts.dropFirst()) == ["Max-Age=900", "HttpOnly", "Path=/", "Secure", "SameSite=Lax"])
    }

    @Test func `one that was not made here is none`() {
        let secret = RandomSecret.make()
        func read(_ cookie: String) -> String? { ConnectCookie.read([.cookie: cookie])?.text }
        #expect(read("a=b; __Host-errand-connect=\(secret.text)") == secret.text)
        for other in ["", "a=b", "__Host-errand-connect=", "__Host-errand-connect=x", "errand-connect=\(secret.text)"] {
            #expect(read(other) == nil)
        }
    }
}
