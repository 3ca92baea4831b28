import Foundation
import Testing

/// STYLE.md, as far as a machine can read it.
@Suite struct StyleTests {
    private static let files = Result {
        try ["Sources", "Tests", "migrations"].flatMap { try SourceFile.all(below: $0) }
    }

    @Test func `lines end at 120`() throws {
        // Markup may hold a drawing's path, which has no place to break.
        for file in try Self.files.get() where !file.path.hasSuffix(".html") {
            for (number, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            where line.count > 120 {
                Issue.record("\(file.path):\(number + 1) has \(line.count) characters")
            }
        }
    }

    @Test func `files stay under 500 lines`() throws {
        for file in try Self.files.get() {
            let lines = file.text.count { $0 == "\n" }
            if lines > 500 { Issue.record("\(file.path) has \(lines) lines") }
        }
    }

    @Test func `no file is called by a name that says nothing`() throws {
        let empty = ["Manager", "Helper", "Helpers", "Utils", "Util", "Common", "Misc", "Base"]
        for file in try Self.files.get() {
            let name = ((file.path as NSString).lastPathComponent as NSString).deletingPathExtension
            if empty.contains(where: { name.hasSuffix($0) }) { Issue.record("\(file.path)") }
        }
    }

    @Test func `nothing is public and nothing is forced`() throws {
        for file in try Self.files.get() where file.path.hasPrefix("Sources/") && file.path.hasSuffix(".swift") {
            for (number, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                let code = line.trimmingCharacters(in: .whitespaces)
                if code.hasPrefix("//") { continue }
                if code.hasPrefix("public ") || code.contains("try!") || code.contains("as!") {
                    Issue.record("\(file.path):\(number + 1): \(code)")
                }
            }
        }
    }
}
