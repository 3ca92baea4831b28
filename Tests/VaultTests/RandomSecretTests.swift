import Testing

@testable import Vault

@Suite struct RandomSecretTests {
    @Test func `its challenge is that of RFC 7636, appendix B`() throws {
        let secret = try #require(RandomSecret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
        #expect(secret.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        #expect(secret.digest == Digest.sha256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".utf8))
    }

    @Test func `each is another, of 43 characters, and reads itself`() throws {
        let secrets = (0..<100).map { _ in RandomSecret.make() }
        #expect(Set(secrets.map(\.text)).count == 100)
        for secret in secrets {
            #expect(secret.text.utf8.count == 43)
            #expect(try #require(RandomSecret(secret.text)).digest == secret.digest)
        }
    }

    @Test(
        arguments: [
            "", "x", String(repeating: "A", count: 42), String(repeating: "A", count: 44),
            String(repeating: "A", count: 42) + "=", String(repeating: "A", count: 42) + "B",
            String(repeating: "A", count: 42) + "é", String(repeating: "A", count: 42) + "\n",
        ])
    func `what was not made here is refused`(_ text: String) {
        #expect(RandomSecret(text) == nil)
    }

    @Test func `it does not print itself`() {
        let secret = RandomSecret.make()
        for text in ["\(secret)", String(reflecting: secret), "\([secret])"] { #expect(!text.contains(secret.text)) }
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains(secret.text))
    }
}
