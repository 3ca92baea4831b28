import FoundationEssentials
import Logging
import Testing

@testable import Vault

@Suite struct MasterKeysTests {
    private static let first = "k1:" + Base64.encode([UInt8](repeating: 1, count: 32))
    private static let second = "k2:" + Base64.encode([UInt8](repeating: 0xFE, count: 32))

    @Test func `keys are read from a setting and from the lines of a file, in their order`() throws {
        let texts = [
            "\(Self.first),\(Self.second)", " \(Self.first) , \(Self.second) ", "\(Self.first)\n\(Self.second)\n",
            "\n\(Self.first)\r\n\r\n\(Self.second)\r\n", "\(Self.first.replacing("=", with: "")),\(Self.second)",
            "\(Self.first),\(Self.second.replacing("+", with: "-").replacing("/", with: "_"))",
        ]
        for text in texts {
            let keys = try MasterKeys(text)
            #expect(keys.keys.map(\.id) == ["k1", "k2"] && keys.first.id == "k1", "\(text)")
            #expect(keys["k2"]?.bytes.copy() == [UInt8](repeating: 0xFE, count: 32) && keys["k3"] == nil)
            #expect(keys.privateText == "\(Self.first)\n\(Self.second)\n")
        }
    }

    @Test func `keys that cannot be used are refused, and the reason holds nothing of them`() {
        let secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I="
        let bad = [
            "", " ", "\n,\n", "k1", secret, ":" + secret, "K1:" + secret, "k_1:" + secret, "k1 :" + secret,
            "\(secret):k1", "\(String(repeating: "k", count: 17)):\(secret)", "k1:", "k1:\(secret.dropLast(2))",
            "k1:\(secret)AA", "k1:\(secret.dropFirst(4))", "k1:!\(secret.dropFirst())", "k1: \(secret)",
            "k1::\(secret)", "k1:\(secret),k1:\(Self.first.dropFirst(3))", "k1:\(secret),k2:\(secret)",
            "k1:\(secret),\(secret)", "k1:" + String(repeating: "c2", count: 32),
            (0..<17).map { "k\($0):" + Base64.encode([UInt8](repeating: UInt8($0), count: 32)) }
                .joined(separator: ","),
        ]
        for text in bad {
            let error = #expect(throws: VaultError.self, "\(text)") { try MasterKeys(text) }
            #expect(!"\(error as Any)".contains("c2Vjc") && !"\(error as Any)".contains("ZWNy"), "\(text)")
        }
    }

    @Test func `a new key is another each time, and its text is read again`() throws {
        let (one, other) = (try MasterKey.make(id: "k1"), try MasterKey.make(id: "k2"))
        #expect(!one.bytes.isSame(as: other.bytes))
        let keys = try MasterKeys([one]).adding(other, first: true)
        #expect(keys.names == ["k2", "k1"])
        #expect(try MasterKeys(keys.privateText)["k1"]?.bytes.isSame(as: one.bytes) == true)
        #expect(try keys.removing(id: "k1").names == ["k2"])
        #expect(try MasterKeys([one]).adding(other, first: false).names == ["k1", "k2"])
        for id in ["", "K1", "k 1", "k\n", "kü", String(repeating: "k", count: 17)] {
            #expect(throws: VaultError.self) { try MasterKey.make(id: id) }
        }
        #expect(throws: VaultError.self) { try keys.removing(id: "k3") }
        #expect(throws: VaultError.self) { try MasterKeys([one]).removing(id: "k1") }
        #expect(throws: VaultError.self) { try keys.adding(one, first: true) }
    }

    @Test func `the file is its owner's alone, a changed one is taken, a broken one leaves the keys as they were`()
        async throws
    {
        let folder = try TemporaryFolder()
        let path = folder.path("master-keys")
        let keys = try MasterKeys(Self.first)
        try keys.write(path: path)
        #expect(try folder.permissions("master-keys") == 0o600)
        #expect(try await MasterKeys.read(path: path).privateText == keys.privateText)
        let ring = try await MasterKeyRing(path: path, logger: Logger(label: "test"))
        #expect(ring.current.keys.names == ["k1"])

        try folder.write("master-keys", Self.first + "\nk2:AAAA\n")
        let error = await #expect(throws: VaultError.self) { try await ring.refresh() }
        #expect("\(error as Any)".contains("master key 2") && !"\(error as Any)".contains("AAAA"))
        #expect(ring.current.keys.names == ["k1"] && ring.current.version == 1)
        try keys.adding(try MasterKey(Self.second), first: true).write(path: path)
        #expect(try await ring.refresh())
        #expect(ring.current.keys.names == ["k2", "k1"])
    }

    /// RFC 4648 section 10.
    @Test func `base64 is read in either alphabet, padded or not`() {
        let examples = ["": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE="]
        for (plain, text) in examples {
            #expect(Base64.encode(Array(plain.utf8)) == text)
            #expect(Base64.decode(text) == Array(plain.utf8))
            #expect(Base64.decode(text.replacing("=", with: "")) == Array(plain.utf8))
        }
        #expect(Base64.decode("+/8=") == [0xFB, 0xFF] && Base64.decode("-_8") == [0xFB, 0xFF])
        for bad in [
            "=", "==", "====", "Zg=", "Zg===", "Zm9v=", "Zm9v====", "Zh==", "Z===", "Zm 9v", "Zm9v\n", "Zg==Zg==",
        ] {
            #expect(Base64.decode(bad) == nil, "\(bad)")
        }
    }
}
