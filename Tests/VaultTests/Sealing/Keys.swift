import FoundationEssentials

@testable import Vault

/// Master keys and bytes that a test can tell apart.
enum Keys {
    static func master(_ id: String, _ byte: UInt8) -> MasterKey {
        MasterKey(id: id, bytes: KeyBytes([UInt8](repeating: byte, count: 32)))
    }

    static let owner = UUID()

    static func data(owner: UUID = owner, version: Int = 1) -> DataKey { DataKey.make(owner: owner, version: version) }
}

/// The bytes that pairs of hexadecimal digits stand for.
func bytes(_ hex: String) -> [UInt8] { [UInt8](hex: hex) ?? [] }

extension [UInt8] {
    /// Every way to flip one bit of them.
    var flips: [[UInt8]] {
        indices.flatMap { index in
            (0..<8).map { bit in
                var flipped = self
                flipped[index] ^= 1 << UInt8(bit)
                return flipped
            }
        }
    }
}
