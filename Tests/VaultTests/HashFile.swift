@testable import Vault

/// Writes files of the form of Have I Been Pwned.
enum HashFile {
    static func write(
        _ folder: TemporaryFolder, _ passwords: [String], others: Int, ending: String = "\n", lastEnding: String = "\n"
    ) throws -> String {
        let lines = (passwords + (0..<others).map { "other \($0)" }).enumerated()
            .map { line($0.element) + ":\($0.offset * 7919 % 1_000_003 + 1)" }.sorted()
        return try folder.write("hashes.txt", lines.joined(separator: ending) + lastEnding)
    }

    static func line(_ password: String) -> String { hex(Digest.sha1(password.utf8)).uppercased() }
}
