import HTTPTypes
import Hummingbird
import Vault

/// `/.well-known/jwks.json`: the public halves of the keys that sign access tokens (RFC 7517), for whoever else is to
/// verify them. Without accounts the set is empty.
struct KeySetRoutes: Sendable {
    let keys: SigningKeys?

    func mount(on router: Router<GatewayContext>) {
        router.get(".well-known/jwks.json") { _, _ in
            let headers: HTTPFields = [
                // A key is published well before it signs, so an old copy of a few minutes does no harm.
                .contentType: "application/jwk-set+json", .cacheControl: "public, max-age=300",
            ]
            let text = keys?.publicText ?? #"{"keys":[]}"#
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        }
    }
}
