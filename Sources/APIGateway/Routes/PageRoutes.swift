import HTTPTypes
import Hummingbird

/// The page at `/` and its assets, compiled into the program.
struct PageRoutes: Sendable {
    private struct Asset: Sendable {
        var type: String
        var bytes: [UInt8]
    }

    private static let page = Asset(type: "text/html; charset=utf-8", bytes: PackageResources.index_html)
    private static let assets: [String: Asset] = [
        "page.css": Asset(type: "text/css; charset=utf-8", bytes: PackageResources.page_css),
        "icon.svg": Asset(type: "image/svg+xml", bytes: PackageResources.icon_svg),
        "page.js": script(PackageResources.page_js),
        "api.js": script(PackageResources.api_js),
        "stream.js": script(PackageResources.stream_js),
        "chat.js": script(PackageResources.chat_js),
        "exchange.js": script(PackageResources.exchange_js),
        "composer.js": script(PackageResources.composer_js),
        "conversations.js": script(PackageResources.conversations_js),
        "jobs.js": script(PackageResources.jobs_js),
        "elements.js": script(PackageResources.elements_js),
    ]

    private static func script(_ bytes: [UInt8]) -> Asset {
        Asset(type: "text/javascript; charset=utf-8", bytes: bytes)
    }

    func mount(on router: Router<GatewayContext>) {
        router.get("/") { _, _ in Self.answer(Self.page) }
        router.get("assets/:name") { _, context in
            guard let asset = context.parameters.get("name").flatMap({ Self.assets[$0] }) else {
                throw Problem.notFound("file")
            }
            return Self.answer(asset)
        }
    }

    private static func answer(_ asset: Asset) -> Response {
        let headers: HTTPFields = [
            .contentType: asset.type, .cacheControl: "no-cache", .contentSecurityPolicy: policy,
            .referrerPolicy: "no-referrer",
        ]
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }

    private static let policy = """
        default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'
        """
}

extension HTTPField.Name {
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
}
