import Domain
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Vault

/// Counts requests by where they come from, before anything is looked up for them; those that want to sign in also by
/// the account they name. What is done with a valid API key is not counted here; with a bad one it is, afterwards.
struct AddressLimiting: RouterMiddleware {
    typealias Context = GatewayContext

    let limiter: RateLimiter

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let isLogin = RouteClass(request.method, context.endpointPath) == .login
        let subject = RateLimiter.Subject.address(IPAddress(context.address)?.neighbourhood ?? "none")
        if !isLogin, Self.mayHaveKey(request) {
            return try await countedAfterwards(subject, request, context, next)
        }
        try await limiter.require(subject, isLogin ? [.ip, .login] : [.ip], context.notes)
        guard isLogin, limiter.limits[.account] != nil else { return try await next(request, context) }
        var request = request
        if let account = try await Self.account(&request) {
            try await limiter.require(.account(account), [.account], context.notes)
        }
        return try await next(request, context)
    }

    private func countedAfterwards(
        _ subject: RateLimiter.Subject, _ request: Request, _ context: GatewayContext,
        _ next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let result: Result<Response, any Error>
        do { result = .success(try await next(request, context)) } catch { result = .failure(error) }
        if !context.notes.hasValidKey { try await limiter.require(subject, [.ip], context.notes) }
        return try result.get()
    }

    /// Whether the request can only be let in by an API key: it bears a token that is none of a person's. Below /auth
    /// credentials are not asked for first, so there a made-up key would hide what is done. A socket cannot be taken
    /// back once it is open.
    private static func mayHaveKey(_ request: Request) -> Bool {
        guard let token = BearerToken.read(request), !request.uri.path.hasPrefix("/api/v1/auth/"),
            request.headers[.upgrade] == nil
        else { return false }
        return token.count(where: { $0 == "." }) != 2
    }

    private struct Named: Decodable {
        var email: String?
        var username: String?
    }

    /// A digest of the account's name: the name itself has no place in Redis. `nil`: none is named.
    private static func account(_ request: inout Request) async throws -> String? {
        var body: ByteBuffer
        do {
            body = try await request.collectBody(upTo: BodyReader.maxBytes)
        } catch is NIOTooManyBytesError {
            throw BodyReader.tooLarge(BodyReader.maxBytes)
        }
        let bytes = body.readBytes(length: body.readableBytes) ?? []
        let name: String?
        if FormReader.isForm(request) {
            name = FormReader.fields(bytes)?["username"]
        } else {
            let named = try? JSONDecoder().decode(Named.self, from: Data(bytes))
            name = named?.email ?? named?.username
        }
        guard let name, !name.isEmpty else { return nil }
        // As the account is looked up: however it is written, it is one.
        guard let address = EmailAddress(name) else { return nil }
        let digest = Digest.sha256(Array(address.text.utf8))
        return digest.prefix(16).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

/// Counts what people and API keys do. Inside `Authentication`.
struct RateLimiting: RouterMiddleware {
    typealias Context = GatewayContext

    let limiter: RateLimiter

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let principal = try context.requirePrincipal()
        let isPerson = principal.user != nil
        if !isPerson { context.notes.hasValidKey = true }
        let executes = RouteClass(request.method, context.endpointPath) == .execute
        let policies: [RatePolicy] = isPerson ? (executes ? [.user, .execute] : [.user]) : [.key]
        try await limiter.require(principal.subject, policies, context.notes)
        return try await next(request, context)
    }
}

extension RateLimiter {
    /// - Throws: `Problem`: 429 when one of the limits is reached; 503 while Redis is away, if that is the rule.
    func require(_ subject: Subject, _ policies: [RatePolicy], _ notes: RequestNotes) async throws {
        switch await ask(subject, policies) {
        case .passed(let windows): notes.add(windows)
        case .refused(let windows):
            notes.add(windows, refused: true)
            throw Problem.quotaExceeded(windows)
        case .unknown:
            guard limits.passWithoutRedis else {
                throw Problem.unavailable("limits_unavailable", "Requests cannot be counted now. Try again shortly.")
            }
        }
    }
}

/// The credentials of `Authorization: Bearer …`, RFC 6750 section 2.1.
enum BearerToken {
    /// `nil` when there are none.
    static func read(_ request: Request) -> Substring? {
        guard let header = request.headers[.authorization] else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1]
    }
}
