package import Foundation

/// A web server as a process of its own: see web_sink.py. What is in `folder` can be had from it.
package final class WebSink: Sendable {
    package let folder: URL
    package let url: String
    private let process: ServerProcess

    private init(folder: URL, url: String, process: ServerProcess) {
        self.folder = folder
        self.url = url
        self.process = process
    }

    package struct NotStarted: Error {}

    package struct Post: Decodable, Sendable {
        package var path: String
        package var headers: [String: String]
        package var body: String
    }

    /// A server for the time of a body.
    package static func with(_ body: @Sendable (WebSink) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("web-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        guard let python = SMTPSink.python else { throw NotStarted() }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("web_sink.py")
        let process = try ServerProcess(
            "web_sink", [script.path, folder.path], at: URL(fileURLWithPath: python))
        struct Ready: Decodable { var port: Int }
        guard let line = await process.line({ $0.hasPrefix("{\"port\"") }),
            let ready = try? JSONDecoder().decode(Ready.self, from: Data(line.utf8))
        else { throw NotStarted() }
        let sink = WebSink(folder: folder, url: "http://127.0.0.1:\(ready.port)", process: process)
        let result: Result<Void, any Error>
        do { result = .success(try await body(sink)) } catch { result = .failure(error) }
        await process.killNow()
        try result.get()
    }

    /// What a path gives from now on; folders are made as needed.
    package func publish(_ text: String, at path: String) throws {
        let file = folder.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file, options: .atomic)
    }

    /// The first POST, come or to come, whose line of JSON holds this text. `nil` when the server ends before.
    package func post(with text: String) async throws -> Post? {
        guard let line = await process.line({ $0.contains(text) }) else { return nil }
        return try JSONDecoder().decode(Post.self, from: Data(line.utf8))
    }
}
