import Foundation
import Testing

/// The page is plain files: what names another one must name one that is there, and is served.
@Suite struct PageTests {
    private static let folder = "Sources/APIGateway/Page"
    /// Served by routes of their own.
    private static let elsewhere = ["mailbox.css", "docs.html", "docs.css", "docs.js", "index.html"]

    private static let files = Result { try SourceFile.all(below: folder) }

    private static func name(_ file: SourceFile) -> String { (file.path as NSString).lastPathComponent }

    @Test func `every file of the page is served`() throws {
        let list = try String(
            contentsOf: SourceFile.root.appendingPathComponent("Sources/APIGateway/Routes/PageAsset.swift"),
            encoding: .utf8)
        for file in try Self.files.get() where !Self.elsewhere.contains(Self.name(file)) {
            #expect(list.contains("\"\(Self.name(file))\":"), "\(file.path) is not in PageAsset.all")
        }
    }

    @Test func `what the page's files import is there, and says that it exports it`() throws {
        let texts = Dictionary(
            uniqueKeysWithValues: try Self.files.get().map { (Self.name($0), $0.text) })
        for (name, text) in texts where name.hasSuffix(".js") {
            for match in text.matches(of: /import \{([^}]*)\}\s+from "\.\/([^"]+)"/) {
                let source = try #require(texts[String(match.2)], "\(name) imports \(match.2), which is not there")
                for word in match.1.split(separator: ",").map({ $0.trimmingCharacters(in: .whitespacesAndNewlines) })
                where !word.isEmpty {
                    let exported = try Regex("export (async )?(function|class|const|let) \(word)\\b")
                    #expect(source.contains(exported), "\(name) imports \(word), which \(match.2) does not export")
                }
            }
        }
    }

    @Test func `no text of others becomes markup or code`() throws {
        let forbidden = ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"]
        for file in try Self.files.get() where file.path.hasSuffix(".js") {
            for word in forbidden where file.text.contains(word) { Issue.record("\(file.path) uses \(word)") }
        }
    }

    @Test func `markup holds no code and no style, which the policy would refuse`() throws {
        for file in try Self.files.get() where file.path.hasSuffix(".html") {
            #expect(
                !file.text.contains(/\son[a-z]+=|\sstyle=|<style|<script>/), "\(file.path) has inline code or style")
        }
    }
}
