import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import Settings

/// `/docs`: a browser of the API. The page is ours; Swagger UI, which it loads, comes from DOCS_DIRECTORY.
struct DocsRoutes: Sendable {
    /// `nil`: DOCS_DIRECTORY is not set.
    let files: DocsFiles?

    func mount(on router: Router<GatewayContext>) {
        router.get("docs") { _, _ in try answer("docs.html") }
        router.get("docs/:name") { _, context in
            guard let name = context.parameters.get("name"), name != "docs.html" else { throw Problem.notFound("file") }
            return try answer(name)
        }
    }

    private func answer(_ name: String) throws -> Response {
        guard let files else {
            throw Problem(
                status: .notFound, code: "docs_off",
                detail: "This gateway has no API browser: set DOCS_DIRECTORY to a folder with \(DocsFiles.nameList) "
                    + "of Swagger UI. The document itself is /openapi.json.")
        }
        guard let file = files[name] else { throw Problem.notFound("file") }
        let headers: HTTPFields = [
            .contentType: file.type, .cacheControl: "no-cache", .contentSecurityPolicy: Self.policy,
        ]
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.body))
    }

    /// Swagger UI's style sheet has its pictures in itself.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """
}

/// The files of `/docs`: a fixed list, in memory, so that no request reaches the disk.
struct DocsFiles: Sendable {
    struct File: Sendable {
        var type: String
        var body: ByteBuffer
    }

    private static let foreign = ["swagger-ui.css", "swagger-ui-bundle.js"]
    static var nameList: String { foreign.joined(separator: " and ") }

    private var files: [String: File]

    subscript(name: String) -> File? { files[name] }

    /// - Throws: `Unreadable`.
    init(directory: String) throws(Unreadable) {
        files = [
            "docs.html": File(type: "text/html; charset=utf-8", body: ByteBuffer(bytes: PackageResources.docs_html)),
            "docs.css": File(type: "text/css; charset=utf-8", body: ByteBuffer(bytes: PackageResources.docs_css)),
            "docs.js": File(type: "text/javascript; charset=utf-8", body: ByteBuffer(bytes: PackageResources.docs_js)),
        ]
        for name in Self.foreign {
            let type = name.hasSuffix(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8"
            guard let data = try? Data(contentsOf: URL(filePath: "\(directory)/\(name)")) else {
                throw Unreadable(name: name)
            }
            files[name] = File(type: type, body: ByteBuffer(bytes: data))
        }
    }

    struct Unreadable: Error {
        var name: String
    }

    /// `nil` when DOCS_DIRECTORY is not set, or is being refused.
    static func read(_ reader: inout SettingsReader) -> DocsFiles? {
        guard let directory = reader.optionalText("docs.directory") else { return nil }
        do throws(Unreadable) {
            return try DocsFiles(directory: directory)
        } catch {
            reader.report("docs.directory", "has no \(error.name) that can be read")
            return nil
        }
    }
}
