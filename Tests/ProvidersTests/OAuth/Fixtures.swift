import Domain
import Foundation
import HTTPTransport
import Logging
import Providers
import Testing

func makeTransport(egress: EgressPolicy = .any) -> HTTPTransport {
    HTTPTransport(configuration: HTTPTransportConfiguration(egress: egress), logger: Logger(label: "test"))
}

/// For all servers of these tests.
private let transport = makeTransport()

/// Mon, 30 Nov 2026 12:00:00 GMT.
let noon = Date(timeIntervalSince1970: 1_796_040_000)

func client(_ server: ProviderServer) -> OAuthClient {
    OAuthClient(clientID: "errand-id", clientSecret: "s3cret+/=", baseURL: server.origin + "/base/")
}

extension OAuthProvider {
    init(_ server: ProviderServer) {
        self.init(client: client(server), transport: transport, now: { noon })
    }
}

let code = CodeGrant(
    code: "4/code", codeVerifier: "verifier", redirectURI: "https://errand.example.com/callback/x",
    host: nil, features: ["calendar"])

let canvasCode = CodeGrant(
    code: "4/code", codeVerifier: "verifier", redirectURI: "https://errand.example.com/callback/x",
    host: "school.instructure.com", features: ["calendar"], grantedScopes: ["url:GET|/api/v1/courses"])

/// An id token of these claims, with a signature that is nobody's.
func idToken(_ claims: String) -> String {
    let parts = [#"{"alg":"RS256","typ":"JWT"}"#, claims, "signature"].map { part in
        Data(part.utf8).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }
    return parts.joined(separator: ".")
}

/// The failure that `body` throws; success fails the test.
func thrownFailure(_ body: () async throws -> Void) async throws -> Failure {
    do {
        try await body()
    } catch let failure as Failure {
        return failure
    }
    Issue.record("nothing was thrown")
    throw CancellationError()
}

/// The parameters of a URL.
func parameters(of url: String) throws -> [String: String] {
    let items = try #require(URLComponents(string: url)?.queryItems)
    return try Dictionary(items.map { ($0.name, try #require($0.value)) }) { _, _ in throw CancellationError() }
}
