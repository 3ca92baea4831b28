import Foundation
import Testing

@testable import Vault

@Suite struct BreachedPasswordsTests {
    @Test(arguments: [0, 1, 2, 63, 64, 65, 80, 100, 1000, 20_000], ["\n", "\r\n"])
    func `every password of the file is found and no other`(_ others: Int, _ ending: String) async throws {
        let folder = try TemporaryFolder()
        for lastEnding in [ending, ""] {
            let path = try HashFile.write(folder, ["first"], others: others, ending: ending, lastEnding: lastEnding)
            let breached = try await BreachedPasswords(path: path)
            #expect(try await breached.contains("first"))
            // In the big files some of them.
            for number in stride(from: 0, to: others, by: max(1, others / 500)) {
                #expect(try await breached.contains("other \(number)"), "\(number)")
                #expect(try await breached.contains("absent \(number)") == false, "\(number)")
            }
            // The ends are where searches go wrong.
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline)
            let file = try SortedHashFile(path: path)
            for line in lines.prefix(3) + lines.suffix(3) { #expect(try file.contains(bytes(line.prefix(40)))) }
            #expect(try !file.contains([UInt8](repeating: 0, count: 20)))
            #expect(try !file.contains([UInt8](repeating: 255, count: 20)))
        }
    }

    private func bytes(_ hex: Substring) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    @Test(arguments: [
        "", "\n", "no hash", "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8", "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8:3",
        "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD:3", "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:",
        "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:x",
        "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8 3", "8846F7EAEE8FB117AD06BDD830B7586C:3", "<!DOCTYPE html>",
        "PK\u{3}\u{4}zip",
        "\u{FEFF}5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:3",
        "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:123456789012345678901",
    ])
    func `a file of another form is refused at once`(_ text: String) async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("hashes.txt", String(repeating: text + "\n", count: text.isEmpty ? 0 : 200))
        await #expect(throws: VaultError.self) { try await BreachedPasswords(path: path) }
    }

    @Test func `a file that is not there or not ordered by hash is refused`() async throws {
        let folder = try TemporaryFolder()
        await #expect(throws: VaultError.self) { try await BreachedPasswords(path: folder.path("none")) }
        await #expect(throws: VaultError.self) { try await BreachedPasswords(path: folder.path("")) }
        let lines = (0..<1000).map { HashFile.line("\($0)") + ":1" }
        let path = try folder.write("hashes.txt", lines.joined(separator: "\n") + "\n")
        await #expect(throws: VaultError.self) { try await BreachedPasswords(path: path) }
        let sorted = try folder.write("hashes.txt", lines.sorted().joined(separator: "\n") + "\n")
        _ = try await BreachedPasswords(path: sorted)
        let reversed = try folder.write("hashes.txt", lines.sorted().reversed().joined(separator: "\n") + "\n")
        await #expect(throws: VaultError.self) { try await BreachedPasswords(path: reversed) }
    }
}
