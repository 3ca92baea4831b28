import Foundation
import Testing

@testable import Providers

@Suite struct IDTokenTests {
    private func isValid(_ claims: String) -> Bool? {
        IDToken(idToken(claims))?.isValid(for: "errand-id", at: noon) { $0 == "https://issuer.example" }
    }

    private static let end = Int(noon.timeIntervalSince1970)

    @Test func `the claims are read from the middle part, whatever its length`() throws {
        for name in ["", "a", "ab", "abc", "Grüße 🦊 ~~~???"] {
            let token = try #require(
                IDToken(idToken(#"{"iss":"i","sub":"s","aud":["a","b"],"exp":1.5,"name":"\#(name)"}"#)))
            #expect(token.name == name)
            #expect(token.audiences == ["a", "b"])
            #expect(token.expiresAt == 1.5)
        }
    }

    @Test(arguments: ["", "a", "a.b", "a.b.c", "a.e30.c", "..", "a.e30.c.d"])
    func `anything else is no id token`(text: String) {
        #expect(IDToken(text) == nil)
    }

    @Test func `it is valid for its audience, from its issuer, until its end and five minutes`() {
        func claims(iss: String = "https://issuer.example", aud: String = #""errand-id""#, exp: Int) -> String {
            #"{"iss":"\#(iss)","sub":"s","aud":\#(aud),"exp":\#(exp)}"#
        }
        #expect(isValid(claims(exp: Self.end + 1)) == true)
        #expect(isValid(claims(exp: Self.end - 299)) == true)
        #expect(isValid(claims(exp: Self.end - 300)) == false)
        #expect(isValid(claims(aud: #"["other","errand-id"]"#, exp: Self.end + 1)) == true)
        #expect(isValid(claims(aud: #""other""#, exp: Self.end + 1)) == false)
        #expect(isValid(claims(iss: "https://issuer.example.evil", exp: Self.end + 1)) == false)
    }
}
