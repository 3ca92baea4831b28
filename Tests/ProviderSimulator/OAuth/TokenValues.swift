import Crypto
import Foundation

/// Values for codes and tokens: no two alike, and the same row of them for the same seed.
struct TokenValues: Sendable {
    private let seed: String
    private var count = 0

    init(seed: String) { self.seed = seed }

    /// - Parameter bytes: how many bytes the part behind the prefix encodes.
    mutating func next(_ prefix: String, bytes: Int) -> String {
        count += 1
        var material: [UInt8] = []
        var block = 0
        while material.count < bytes {
            material += SHA256.hash(data: Data("\(seed)/\(count)/\(block)".utf8))
            block += 1
        }
        return prefix + Base64URL.text(material.prefix(bytes))
    }
}
