import COpenSSL

/// A Lua script that Redis runs atomically, called by the SHA-1 of its source.
package struct RedisScript: Sendable {
    /// What errors and logs call the script.
    package let name: String
    package let source: String
    /// SHA-1 of the source in lower-case hexadecimal, as EVALSHA takes it.
    package let digest: String

    package init(name: String, source: String) {
        self.name = name
        self.source = source
        self.digest = Self.sha1(of: source)
    }

    /// One run of it.
    package struct Call: Sendable {
        package var keys: [String]
        package var arguments: [RedisWord]

        package init(keys: [String], arguments: [RedisWord]) {
            self.keys = keys
            self.arguments = arguments
        }

        fileprivate var words: [RedisWord] { [RedisWord(keys.count)] + keys.map { RedisWord($0) } + arguments }
    }

    func byDigest(_ call: Call) -> RedisCommand {
        RedisCommand(name: name, ["EVALSHA", RedisWord(digest)] + call.words)
    }

    func bySource(_ call: Call) -> RedisCommand { RedisCommand(name: name, ["EVAL", RedisWord(source)] + call.words) }

    private static func sha1(of source: String) -> String {
        var source = source
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        let status = source.withUTF8 { EVP_Digest($0.baseAddress, $0.count, &digest, &count, EVP_sha1(), nil) }
        precondition(status == 1, "this OpenSSL has no SHA-1, which EVALSHA needs")
        let alphabet = Array("0123456789abcdef".utf8)
        let hexadecimal = digest.prefix(Int(count)).flatMap { [alphabet[Int($0 >> 4)], alphabet[Int($0 & 15)]] }
        return String(decoding: hexadecimal, as: UTF8.self)
    }
}
