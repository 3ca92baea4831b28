import Foundation

/// A file of the package, by its path from the package's root.
struct SourceFile {
    let path: String
    let text: String

    /// The module it belongs to: the folder below Sources, or below Sources/Shared.
    var module: String {
        let parts = path.split(separator: "/")
        return String(parts[1] == "Shared" ? parts[2] : parts[1])
    }

    var imports: [String] {
        text.split(separator: "\n").compactMap { line in
            var words = line.split(separator: " ")
            while let first = words.first,
                first.hasPrefix("@") || ["package", "internal", "public", "private"].contains(first)
            {
                words.removeFirst()
            }
            guard words.count >= 2, words[0] == "import" else { return nil }
            return String(words[1].prefix { $0 != "." })
        }
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func all(below folder: String) throws -> [SourceFile] {
        let base = root.appendingPathComponent(folder)
        guard let found = FileManager.default.enumerator(atPath: base.path) else { return [] }
        return try found.compactMap { $0 as? String }.sorted()
            .filter { ["swift", "lua", "sql", "js", "css", "html", "h"].contains(($0 as NSString).pathExtension) }
            .map { name in
                SourceFile(
                    path: "\(folder)/\(name)",
                    text: try String(contentsOf: base.appendingPathComponent(name), encoding: .utf8))
            }
    }
}
