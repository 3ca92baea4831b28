import FoundationEssentials
import Testing

@testable import Vault

/// Values that others sealed.
@Suite struct ImportTests {
    /// https://github.com/fernet/spec: verify.json and invalid.json.
    private static let specKey = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
    private static let specToken =
        "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=="

    /// Made by version 48.0.0 of Python's `cryptography`, at 1700000000.
    private static let pythonKey = "lUCyIcvg_bTeNl1oE6PK6aLsETAug7TIvuEFNChEuVg="
    private static let pythonTokens = [
        "ya29.a0-token with ünïcode":
            "gAAAAABlU_EAQmQsAWh3uy22Y7wkmMdo0W0VhhV0w1Kxq36NYFanTBfVWQMLXHAUpLsSpZ_krILdpQWxB95iYK2xrFCY3-xJ"
            + "XHBXS8IJRgq-pFnxOz5Ci30=",
        "":
            "gAAAAABlU_EAuqpORTtJEOCrGrQL0xh0zRNvIPySRX37Be-1TgZOWcbkDl52nUF4kt91RwIK9qMgFgMI73LpbmOX7rd6723xqw==",
        "sixteen bytes ok":
            "gAAAAABlU_EALsqyw_jiRjqsch0NdPsDNXevBLRce9G5YGkQ1MwjuOv9G8v6m1vvX1Os71iQoTQXA2o1Oep9XlIwfEB2yE6i"
            + "IilOkPwNMlTFR-GI2m2aS08=",
    ]

    @Test func `the Fernet token of the specification is opened`() throws {
        let token = try FernetToken(Self.specToken)
        #expect(try token.open(by: [FernetKey(Self.specKey)]) == Array("hello".utf8))
        // 1985-10-26T01:20:00-07:00
        #expect(token.sealedAt == Date(timeIntervalSince1970: 499_162_800))
        #expect(try FernetToken(Self.specToken.replacing("=", with: "")).open(by: [FernetKey(Self.specKey)]).count == 5)
    }

    @Test(arguments: [
        (
            "incorrect mac",
            "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ=="
        ),
        ("too short", "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA=="),
        (
            "invalid base64",
            "%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q=="
        ),
        (
            "payload size not multiple of block size",
            "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm"
        ),
        (
            "payload padding error",
            "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw=="
        ),
        (
            "incorrect IV (causes padding error)",
            "gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAkLhFLHpGtDBRLRTZeUfWgHSv49TF2AUEZ1TIvcZjK1zQ=="
        ),
    ])
    func `the invalid Fernet tokens of the specification are refused`(_ example: (name: String, token: String)) throws {
        let key = try FernetKey(Self.specKey)
        #expect(throws: SealingError.self, "\(example.name)") { try FernetToken(example.token).open(by: [key]) }
    }

    /// The two of invalid.json that are only too early or too late: what is stored has no end, so they open.
    @Test func `a Fernet token's time is told and not judged`() throws {
        let key = try FernetKey(Self.specKey)
        let future = try FernetToken(
            "gAAAAAAdwStRAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAnja1xKYyhd-Y6mSkTOyTGJmw2Xc2a6kBd-iX9b_qXQcw==")
        #expect(future.sealedAt == Date(timeIntervalSince1970: 499_198_801))
        #expect(try future.open(by: [key]).isEmpty)
        let old = try FernetToken(
            "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==")
        #expect(old.sealedAt == Date(timeIntervalSince1970: 499_162_801))
        #expect(try old.open(by: [key]).isEmpty)
    }

    @Test func `tokens of Python's cryptography are opened, by the key that fits`() throws {
        let keys = try FernetKey.list("\(Self.specKey), \(Self.pythonKey)")
        for (plain, text) in Self.pythonTokens {
            let token = try FernetToken(text)
            #expect(try token.open(by: keys) == Array(plain.utf8))
            #expect(token.sealedAt == Date(timeIntervalSince1970: 1_700_000_000))
            #expect(throws: SealingError.notAuthentic) { try token.open(by: [keys[0]]) }
            #expect(throws: SealingError.notAuthentic) { try token.open(by: []) }
        }
        #expect(try FernetToken(Self.specToken).open(by: keys) == Array("hello".utf8))
    }

    @Test func `every bit of a Fernet token flipped is refused`() throws {
        let key = try FernetKey(Self.specKey)
        let bytes = try #require(Base64.decode(Self.specToken))
        for flipped in bytes.flips {
            #expect(throws: SealingError.self) { try FernetToken(Base64URL.encode(flipped)).open(by: [key]) }
        }
        for count in 0..<bytes.count {
            #expect(throws: SealingError.self) {
                try FernetToken(Base64URL.encode(bytes.prefix(count))).open(by: [key])
            }
        }
    }

    @Test func `Fernet keys of another size are refused, and the reason does not hold them`() {
        for text in ["", ",", "cw_0", Self.specKey + Self.specKey, Self.specKey + ",", Self.specKey + ",c3c0"] {
            let error = #expect(throws: VaultError.self, "\(text)") { try FernetKey.list(text) }
            #expect(!"\(error as Any)".contains("cw_0") && !"\(error as Any)".contains("c3c0"))
        }
    }

    @Test func `no description holds a key or what was sealed`() throws {
        let bytes = [UInt8](repeating: 0xA7, count: 32)
        let values: [Any] = [
            try FernetKey(Base64URL.encode(bytes)), try VersionedImport("1:" + Base64.encode(bytes)),
        ]
        for value in values {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                #expect(!text.contains("a7a7a7") && !text.contains("p6enp6en"), "\(text)")
                // As decimals; an address may have them once.
                #expect(text.ranges(of: "167").count < 8, "\(text)")
            }
        }
        #expect("\(try FernetToken(Self.specToken))" == "a Fernet token of 41 bytes")
    }

    /// Key 1 is the bytes 0 to 31, key 2 the bytes 32 to 63; sealed by Python's `cryptography`.
    private static let versionedKeys =
        "1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f,"
        + "2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
    private static let ofKey2 = "v2:6465666768696a6b6c6d6e6f:9fba45bc1cd6cc759738bdcaca6761f8:da0baeb8bac8d4ff"

    @Test(arguments: [
        "v1:6465666768696a6b6c6d6e6f:6bc7e6de067c5c16716352aaac2677e7:293bac031f9b33ed56422b87b10004d162f32925bb0b",
        "v1:6465666768696A6B6C6D6E6F:6BC7E6DE067C5C16716352AAAC2677E7:293BAC031F9B33ED56422B87B10004D162F32925BB0B",
        "v1:ZGVmZ2hpamtsbW5v:a8fm3gZ8XBZxY1KqrCZ35w==:KTusAx+bM+1WQiuHsQAE0WLzKSW7Cw==",
        "v1:ZGVmZ2hpamtsbW5v:a8fm3gZ8XBZxY1KqrCZ35w:KTusAx-bM-1WQiuHsQAE0WLzKSW7Cw",
        "v1:6465666768696a6b6c6d6e6f70717273:39daed39683c9da17a6c3a311e7cc0c1:"
            + "b9933134826642abdad9d9e62cb282497a4077efac88",
        "v1:ZGVmZ2hpamtsbW5vcHFycw==:OdrtOWg8naF6bDoxHnzAwQ==:uZMxNIJmQqva2dnmLLKCSXpAd++siA==",
    ])
    func `versioned values are opened, in hex and in base64, with short and long nonces`(_ text: String) throws {
        let keys = try VersionedImport(Self.versionedKeys)
        #expect(try keys.open(text) == Array("a refresh token, 1//0g".utf8))
        #expect(try keys.open(Self.ofKey2) == Array("of key 2".utf8))
    }

    @Test func `versioned values that were changed, moved to another key or written otherwise are refused`() throws {
        let keys = try VersionedImport(Self.versionedKeys)
        let parts = Self.ofKey2.split(separator: ":").map(String.init)
        for part in 1...3 {
            for flipped in bytes(parts[part]).flips {
                var changed = parts
                changed[part] = hex(flipped)
                #expect(throws: SealingError.notAuthentic) { try keys.open(changed.joined(separator: ":")) }
            }
        }
        let rest = parts.dropFirst().joined(separator: ":")
        #expect(throws: SealingError.notAuthentic) { try keys.open("v1:" + rest) }
        #expect(throws: SealingError.unknownKeyVersion) { try keys.open("v3:" + rest) }
        let bad = [
            "", "v2", rest, "2:" + rest, "V2:" + rest, "v02:" + rest, "v-2:" + rest, "v:" + rest,
            "v1234567890:" + rest, "v2::\(parts[2]):\(parts[3])", "v2:\(parts[1])00:\(parts[2]):\(parts[3])",
            "v2:\(parts[1]):\(parts[2].dropLast(2)):\(parts[3])", "v2:\(parts[1]):\(parts[2]):\(parts[3].dropLast())",
            "v2:\(parts[1]):\(parts[2]):xyz", "v2:\(rest):", "v2:\(rest) ",
            "v2:ZGVmZ2hpamtsbW5v:\(parts[2]):\(parts[3])",
        ]
        for text in bad { #expect(throws: SealingError.malformed, "\(text)") { try keys.open(text) } }
    }

    @Test func `keys of versioned values that cannot be used are refused, and the reason does not hold them`() {
        let key = String(repeating: "5e", count: 32)
        let bad = [
            "", key, "1", "1:", "x:\(key)", "01:\(key)", "1:\(key)00", "1:\(key),", "1:\(key),1:\(key)", "1:a:\(key)",
        ]
        for text in bad {
            let error = #expect(throws: VaultError.self, "\(text)") { try VersionedImport(text) }
            #expect(!"\(error as Any)".contains("5e5e"), "\(text)")
        }
    }
}
