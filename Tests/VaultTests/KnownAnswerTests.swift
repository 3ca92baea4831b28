import FoundationEssentials
import Testing

@testable import Vault

/// What the standards and the libraries' own tests say must come out.
@Suite struct KnownAnswerTests {
    /// RFC 5869 appendix A.1 and A.3.
    @Test func `HKDF-SHA256 is that of RFC 5869`() {
        let secret = [UInt8](repeating: 0x0B, count: 22)
        let long = Digest.hkdfSHA256(secret, salt: Array(0...12), info: Array(0xF0...0xF9), count: 42)
        #expect(hex(long) == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
        let plain = Digest.hkdfSHA256(secret, info: [], count: 42)
        #expect(hex(plain) == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")
    }

    /// RFC 4231 section 4.3; FIPS 180 for "abc".
    @Test func `HMAC-SHA256 and SHA-1 are those of their standards`() {
        let code = Digest.hmacSHA256(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(hex(code) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(hex(Digest.sha1("abc".utf8)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    }

    /// The check value of CRC-32 in the catalogue at https://reveng.sourceforge.io/crc-catalogue/all.htm
    @Test func `CRC-32 is that of zlib`() {
        #expect(APIKeyText.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
    }

    /// RFC 4648 section 10, without padding.
    @Test func `base64url writes and reads the examples and one text for one value`() {
        let examples = ["": "", "f": "Zg", "fo": "Zm8", "foo": "Zm9v", "foob": "Zm9vYg", "fooba": "Zm9vYmE"]
        for (plain, text) in examples {
            #expect(Base64URL.encode(Array(plain.utf8)) == text)
            #expect(Base64URL.decode(text.utf8) == Array(plain.utf8))
        }
        #expect(Base64URL.decode("_-8".utf8) == [0xFF, 0xEF])
        for bad in ["Zg==", "Zh", "Zm9", "Z", "Zm9v\n", " Zm9v", "Zm+v", "Zm/v", "Zm9vZ", "Zmü"] {
            #expect(Base64URL.decode(bad.utf8) == nil, "\(bad)")
        }
    }

    /// RFC 7515 appendix A.1, A.2 and A.3, with their keys.
    @Test(arguments: RFCExamples.signatures)
    func `the examples of RFC 7515 verify, and not when a bit is flipped`(_ example: RFCExamples.Signature) async throws
    {
        let key = try await JSONWebKey(try #require(StrictJSON(Array(example.key.utf8))?.object))
        let token = try CompactToken(example.token)
        #expect(key.algorithm.rawValue == token.algorithm)
        #expect(key.verifies(token.signature, of: token.signed))
        #expect(try token.claims.text("iss") == "joe")
        var flipped = token.signed
        flipped[40] ^= 1
        #expect(!key.verifies(token.signature, of: flipped))
    }

    /// RFC 8037 appendix A.1 to A.4.
    @Test func `Ed25519 signs as RFC 8037 does`() async throws {
        let key = try await JSONWebKey(try #require(StrictJSON(Array(RFCExamples.edwardsKey.utf8))?.object))
        #expect(key.thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
        let signed = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
        let signature = try key.sign(Array(signed.utf8))
        #expect(
            Base64URL.encode(signature)
                == "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
    }

    /// RFC 7638 section 3.1.
    @Test func `the thumbprint is that of RFC 7638`() async throws {
        let key = try await JSONWebKey(try #require(StrictJSON(Array(RFCExamples.thumbprintKey.utf8))?.object))
        #expect(key.thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
        #expect(key.kid == "2011-04-29")
    }

    /// From the tests of libargon2 (versions 1.3 and 1.0), cross-checked with argon2-cffi.
    @Test(arguments: [
        ("password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"),
        ("password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"),
        ("password", "$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg"),
        ("password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
        ("differentpassword", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94"),
        ("password", "$argon2id$v=19$m=65536,t=2,p=1$ZGlmZnNhbHQ$vfMrBczELrFdWP0ZsfhWsRPaHppYdP3MVEMIVlqoFBw"),
        ("password", "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$2gcOV25Q8vOKPIl8vdxsf7QCjocJcf+erntOGHkpXm4"),
        ("password", "$argon2id$m=256,t=2,p=1$c29tZXNhbHQ$2gcOV25Q8vOKPIl8vdxsf7QCjocJcf+erntOGHkpXm4"),
    ])
    func `the Argon2id hashes of libargon2's tests verify and want rehashing`(_ password: String, _ hash: String)
        async throws
    {
        let hasher = try PasswordHasher(threads: 1)
        #expect(try await hasher.verify(password, against: hash) == .right(rehashDue: true))
        #expect(try await hasher.verify(password + "x", against: hash) == .wrong)
    }

    /// From the tests of crypt_blowfish and jBCrypt, and two made by Python's bcrypt.
    @Test(arguments: [
        ("a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"),
        ("abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"),
        ("abcdefghijklmnopqrstuvwxyz", "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC"),
        ("~!@#$%^&*()      ~!@#$%^&*()PNBFRD", "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO"),
        ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        ("pässwörd-ключ", "$2b$05$EzzZufSVZvdtM7CE918Wuu0oAfjfArOUObhu4Y5mAKhOCA3c/1kk2"),
        ("U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ])
    func `bcrypt hashes from elsewhere verify and want rehashing`(_ password: String, _ hash: String) async throws {
        let hasher = try PasswordHasher(threads: 1)
        #expect(try await hasher.verify(password, against: hash) == .right(rehashDue: true))
        #expect(try await hasher.verify(password + "x", against: hash) == .wrong)
        #expect(try await hasher.verify(password + "\0", against: hash) == .wrong)
    }

    /// "0123456789abc…789" of crypt_blowfish has 72 bytes; bcrypt looks at no more.
    @Test func `bcrypt counts 72 bytes, and a longer password verifies as it did elsewhere`() async throws {
        let hasher = try PasswordHasher(threads: 1)
        let hash = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"
        let password = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        #expect(try await hasher.verify(password, against: hash).isRight)
        #expect(try await hasher.verify(password + String(repeating: "z", count: 900), against: hash).isRight)
        #expect(try await hasher.verify(String(password.dropLast()), against: hash) == .wrong)
    }
}

func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}
