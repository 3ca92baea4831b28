import Foundation
import Testing

@testable import Worker

@Suite struct LineFileTests {
    private func lines(of text: String) throws -> [LineFile.Line] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("lines-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        var file = try LineFile(path: path)
        var lines: [LineFile.Line] = []
        while let line = try file.next() { lines.append(line) }
        return lines
    }

    private func bytes(_ text: String) -> LineFile.Line { .bytes(Array(text.utf8)) }

    @Test func `lines come as they are, with either end, and the last without one`() throws {
        #expect(try lines(of: "") == [])
        #expect(try lines(of: "a\n\nb\r\nc") == [bytes("a"), bytes(""), bytes("b"), bytes("c")])
        #expect(try lines(of: "a\n") == [bytes("a")])
    }

    @Test func `a line may lie across what is read at once`() throws {
        let parts = [65_535, 65_536, 65_537, 200_000].map { String(repeating: "x", count: $0) }
        #expect(try lines(of: parts.joined(separator: "\n")) == parts.map(bytes))
    }

    @Test func `a line that is too long is passed over, and the next one comes`() throws {
        let long = String(repeating: "x", count: LineFile.maxLineBytes + 1)
        #expect(try lines(of: "a\n\(long)\nb\n\(long)") == [bytes("a"), .tooLong, bytes("b"), .tooLong])
        let most = String(long.dropLast())
        #expect(try lines(of: most + "\n") == [bytes(most)])
    }

    @Test func `a file that is not there says so`() {
        #expect(throws: LineFile.Failure.self) { _ = try LineFile(path: "/nowhere/at/all") }
    }
}
