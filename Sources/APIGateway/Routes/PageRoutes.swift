import HTTPTypes
import Hummingbird

/// The page at `/` and its assets, compiled into the program.
struct PageRoutes: Sendable {
    private let page: PageAsset

    /// - Parameters:
    ///   - accounts: what the page is to know of them before anybody has signed in. `nil`: there are none.
    ///   - showsMail: `/dev/mail` shows what is not sent.
    init(accounts: AccountSettings?, showsMail: Bool) {
        var text = String(decoding: PackageResources.index_html, as: UTF8.self)
        if let accounts {
            let facts = """
                data-accounts="on" data-verification="\(accounts.requiresVerification ? "required" : "optional")" \
                data-min-password="\(accounts.minPasswordCharacters)" data-mail="\(showsMail ? "shown" : "sent")"
                """
            text.replace("data-accounts=\"off\"", with: facts, maxReplacements: 1)
        }
        page = PageAsset(type: "text/html; charset=utf-8", bytes: Array(text.utf8))
    }

    func mount(on router: Router<GatewayContext>) {
        router.get("/") { request, _ in
            var response = Self.answer(page, to: request)
            response.headers[.link] = Self.modules
            return response
        }
        router.get("assets/:name") { request, context in
            guard let asset = context.parameters.get("name").flatMap({ PageAsset.all[$0] }) else {
                throw Problem.notFound("file")
            }
            return Self.answer(asset, to: request)
        }
    }

    private static func answer(_ asset: PageAsset, to request: Request) -> Response {
        var headers: HTTPFields = [
            .cacheControl: "no-cache", .contentSecurityPolicy: policy,
            .eTag: asset.tag,
        ]
        guard request.headers[.ifNoneMatch] != asset.tag else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = asset.type
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: asset.body))
    }

    /// All scripts, so that a browser asks for them at once instead of import by import
    /// (https://html.spec.whatwg.org/multipage/links.html#link-type-modulepreload).
    private static let modules = PageAsset.all.keys.filter { $0.hasSuffix(".js") }.sorted()
        .map { "</assets/\($0)>; rel=modulepreload" }.joined(separator: ", ")

    private static let policy = """
        default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'
        """
}

extension HTTPField.Name {
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
}
