import Testing

@testable import Vault

/// AES-256-GCM against what NIST and the authors of the mode say must come out.
@Suite struct AESGCMTests {
    struct Vector: Sendable {
        let name: String
        let key: String
        let nonce: String
        let plaintext: String
        let data: String
        let ciphertext: String
        let tag: String
    }

    private static let exampleKey = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
    private static let examplePlaintext =
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16a"
        + "edf5aa0de657ba637b39"

    /// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, which was submitted to NIST; and one of
    /// gcmEncryptExtIV256.rsp of NIST's validation programme
    /// (https://csrc.nist.gov/projects/cryptographic-algorithm-validation-program/cavp-testing-block-cipher-modes).
    static let vectors = [
        Vector(
            name: "case 13", key: String(repeating: "0", count: 64), nonce: String(repeating: "0", count: 24),
            plaintext: "", data: "", ciphertext: "", tag: "530f8afbc74536b9a963b4f1c4cb738b"),
        Vector(
            name: "case 14", key: String(repeating: "0", count: 64), nonce: String(repeating: "0", count: 24),
            plaintext: String(repeating: "0", count: 32), data: "", ciphertext: "cea7403d4d606b6e074ec5d3baf39d18",
            tag: "d0d1c8a799996bf0265b98b5d48ab919"),
        Vector(
            name: "case 16", key: exampleKey, nonce: "cafebabefacedbaddecaf888", plaintext: examplePlaintext,
            data: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            ciphertext:
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
                + "c5f61e6393ba7a0abcc9f662",
            tag: "76fc6ece0f4e1768cddf8853bb2d551b"),
        Vector(
            name: "case 18, a nonce of 60 bytes", key: exampleKey,
            nonce:
                "9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b"
                + "525416aedbf5a0de6a57a637b39b",
            plaintext: examplePlaintext, data: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            ciphertext:
                "5a8def2f0c9e53f1f75d7853659e2a20eeb2b22aafde6419a058ab4f6f746bf40fc0c3b780f244452da3ebf1c5d82cde"
                + "a2418997200ef82e44ae7e3f",
            tag: "a44a8266ee1c8eb0c8b5d4cf5ae9f19a"),
        Vector(
            name: "of NIST", key: "eebc1f57487f51921c0465665f8ae6d1658bb26de6f8a069a3520293a572078f",
            nonce: "99aa3e68ed8173a0eed06684", plaintext: "f56e87055bc32d0eeb31b2eacc2bf2a5",
            data: "4d23c3cec334b49bdb370c437fec78de", ciphertext: "f7264413a84c0e7cd536867eb9f21736",
            tag: "67ba0510262ae487d737ee6298f77e0c"),
    ]

    @Test(arguments: vectors)
    func `the known answers come out, both ways`(_ vector: Vector) {
        let (key, nonce, data) = (KeyBytes(bytes(vector.key)), bytes(vector.nonce), bytes(vector.data))
        let sealed = AESGCM.seal(bytes(vector.plaintext), key: key, nonce: nonce, data: data)
        #expect(hex(sealed.ciphertext) == vector.ciphertext && hex(sealed.tag) == vector.tag, "\(vector.name)")
        let opened = AESGCM.open(
            bytes(vector.ciphertext), tag: bytes(vector.tag), key: key, nonce: nonce, data: data)
        #expect(opened == bytes(vector.plaintext), "\(vector.name)")
    }

    @Test(arguments: vectors)
    func `one bit of anything flipped, and nothing is opened`(_ vector: Vector) {
        let (key, nonce, data) = (bytes(vector.key), bytes(vector.nonce), bytes(vector.data))
        let (ciphertext, tag) = (bytes(vector.ciphertext), bytes(vector.tag))
        func open(
            _ ciphertext: [UInt8], _ tag: [UInt8], _ key: [UInt8], _ nonce: [UInt8], _ data: [UInt8]
        ) -> [UInt8]? {
            AESGCM.open(ciphertext, tag: tag, key: KeyBytes(key), nonce: nonce, data: data)
        }
        #expect(ciphertext.flips.allSatisfy { open($0, tag, key, nonce, data) == nil })
        #expect(tag.flips.allSatisfy { open(ciphertext, $0, key, nonce, data) == nil })
        #expect(key.flips.allSatisfy { open(ciphertext, tag, $0, nonce, data) == nil })
        #expect(nonce.flips.allSatisfy { open(ciphertext, tag, key, $0, data) == nil })
        #expect(data.flips.allSatisfy { open(ciphertext, tag, key, nonce, $0) == nil })
        #expect(open(ciphertext + [0], tag, key, nonce, data) == nil)
        // OpenSSL would take the beginning of a tag for the tag.
        for count in 0..<16 { #expect(open(ciphertext, Array(tag.prefix(count)), key, nonce, data) == nil) }
        #expect(open(ciphertext, tag, key, nonce, data) == bytes(vector.plaintext))
    }

    @Test func `the same is never sealed the same way twice`() {
        var random = SystemRandomNumberGenerator()
        let key = KeyBytes.random(&random)
        let sealed = (0..<1000).map { _ in AESGCM.seal([1, 2, 3], key: key, data: [], random: &random) }
        #expect(Set(sealed).count == 1000 && Set(sealed.map { Array($0.prefix(12)) }).count == 1000)
        #expect(sealed.allSatisfy { AESGCM.open($0, key: key, data: []) == [1, 2, 3] })
    }

    @Test func `what is shorter than nonce and tag is not opened`() {
        var random = SystemRandomNumberGenerator()
        let key = KeyBytes.random(&random)
        let sealed = AESGCM.seal([], key: key, data: [7], random: &random)
        #expect(sealed.count == 28 && AESGCM.open(sealed, key: key, data: [7]) == [])
        for count in 0..<28 { #expect(AESGCM.open(Array(sealed.prefix(count)), key: key, data: [7]) == nil) }
    }
}
