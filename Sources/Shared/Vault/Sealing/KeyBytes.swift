import COpenSSL

/// The bytes of a secret key: no description shows them, and they are overwritten when the last reference goes.
///
/// @unchecked Sendable: the memory is written in `init` and freed in `deinit`, and only read in between.
final class KeyBytes: @unchecked Sendable {
    /// Of AES-256, in bytes.
    static let aes256 = 32

    private let memory: UnsafeMutableRawBufferPointer

    init(_ bytes: some Collection<UInt8>) {
        memory = .allocate(byteCount: bytes.count, alignment: 16)
        memory.copyBytes(from: bytes)
    }

    deinit {
        OPENSSL_cleanse(memory.baseAddress, memory.count)
        memory.deallocate()
    }

    /// 32 new bytes.
    static func random(_ random: inout some RandomNumberGenerator) -> KeyBytes {
        var bytes = [UInt8].random(aes256, &random)
        defer { bytes.wipe() }
        return KeyBytes(bytes)
    }

    var count: Int { memory.count }

    /// The pointer is good inside `body` alone.
    func withBytes<Result>(_ body: (UnsafePointer<UInt8>?) -> Result) -> Result {
        body(memory.baseAddress.map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) })
    }

    /// A copy, for its holder to `wipe()`.
    func copy() -> [UInt8] { Array(memory) }

    /// In a time that depends on the length alone.
    func isSame(as other: KeyBytes) -> Bool {
        count == other.count && CRYPTO_memcmp(memory.baseAddress, other.memory.baseAddress, count) == 0
    }
}
