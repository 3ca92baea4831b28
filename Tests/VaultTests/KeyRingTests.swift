import Testing
import Vault

@Suite struct KeyRingTests {
    @Test func `a key finds its owner and nothing else does`() {
        var ring = KeyRing<Int>()
        #expect(ring.isEmpty)
        let added = [("first", 1), ("second", 2), ("first", 3)].map { ring.add("\($0.0)-key-0123456789", for: $0.1) }
        #expect(added == [true, true, false])
        #expect(ring.owner(of: "first-key-0123456789") == 1)
        #expect(ring.owner(of: "second-key-0123456789") == 2)
        #expect(ring.owner(of: "first-key-012345678") == nil)
        #expect(ring.owner(of: "") == nil)
    }

    /// The examples of NIST's FIPS 180-4 test vectors (CAVP, SHA256ShortMsg).
    @Test func `SHA-256 is that of the standard`() {
        func hex(_ text: String) -> String {
            Digest.sha256(text.utf8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
        #expect(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
