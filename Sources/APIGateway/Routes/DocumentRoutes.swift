import HTTPTypes
import Hummingbird
import NIOCore

/// `/openapi.json`: what this gateway takes and answers, for programs. Open to everybody.
struct DocumentRoutes: Sendable {
    private let document: APIDocument
    /// All answers share it: who asks a hundred times and never reads costs nothing.
    private let body: ByteBuffer

    init() {
        document = APIDocument()
        body = ByteBuffer(bytes: document.bytes)
    }

    func mount(on router: Router<GatewayContext>) {
        router.get("openapi.json") { request, _ in answer(request) }
    }

    private func answer(_ request: Request) -> Response {
        var headers: HTTPFields = [.eTag: document.entityTag, .cacheControl: "public, max-age=60"]
        if EntityTags(ifNoneMatch: request.headers).contains(document.entityTag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = "application/json"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}
