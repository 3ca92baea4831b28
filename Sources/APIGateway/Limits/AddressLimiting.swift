import Domain
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Vault

/// Counts requests by where they come from. One that shows credentials is counted inside, together with who it turns
/// out to be from, so that one question to Redis is enough; or afterwards, when nobody counted it there. Any other is
/// counted before anything is done for it; one that wants to sign in, or a mail, also by the account it
/// names.
struct AddressLimiting: RouterMiddleware {
    typealias Context = GatewayContext

    let limiter: RateLimiter

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let routeClass = RouteClass(request.method, context.endpointPath)
        let special: RatePolicy? =
            switch routeClass {
            case .login: .login
            case .mail: .mail
            default: nil
            }
        if routeClass == .notification { return try await notified(request, context, next) }
        if special == nil, Self.showsCredentials(request) { return try await countedInside(request, context, next) }
        context.notes.isAddressCounted = true
        let policies = [.ip, special].compactMap { $0 }
        try await limiter.require([.init(subject: context.addressSubject, policies: policies)], context.notes)
        guard let special, limiter.limits[.account] != nil else { return try await next(request, context) }
        var request = request
        if let account = try await Self.account(&request) {
            let subject = RateLimiter.Subject.account("\(special.rawValue):\(account)")
            try await limiter.require([.init(subject: subject, policies: [.account])], context.notes)
        }
        return try await next(request, context)
    }

    /// A provider's few addresses speak for all accounts: they have a limit of their own, and none of the usual ones.
    private func notified(
        _ request: Request, _ context: GatewayContext,
        _ next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        context.notes.isAddressCounted = true
        try await limiter.require([.init(subject: context.addressSubject, policies: [.webhook])], context.notes)
        return try await next(request, context)
    }

    private func countedInside(
        _ request: Request, _ context: GatewayContext,
        _ next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let result: Result<Response, any Error>
        do { result = .success(try await next(request, context)) } catch { result = .failure(error) }
        if !context.notes.isAddressCounted {
            try await limiter.require([.init(subject: context.addressSubject, policies: [.ip])], context.notes)
        }
        return try result.get()
    }

    /// Below /auth credentials are not asked for first, so there made-up ones would hide what is done. A socket cannot
    /// be taken back once it is open.
    private static func showsCredentials(_ request: Request) -> Bool {
        guard !request.uri.path.hasPrefix("/api/v1/auth/"), request.headers[.upgrade] == nil else { return false }
        return request.headers[.authorization] != nil || request.headers[.cookie] != nil
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
    /// Whether people are counted by where they come from as well, unless that has been done; keys never are.
    var countsAddresses = true

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let principal = try context.requirePrincipal()
        let isPerson = principal.user != nil
        let executes = RouteClass(request.method, context.endpointPath) == .execute
        let policies: [RatePolicy] = isPerson ? (executes ? [.user, .execute] : [.user]) : [.key]
        var demands = [RateLimiter.Demand(subject: principal.subject, policies: policies)]
        if isPerson, countsAddresses, !context.notes.isAddressCounted {
            demands.insert(.init(subject: context.addressSubject, policies: [.ip]), at: 0)
        }
        context.notes.isAddressCounted = true
        try await limiter.require(demands, context.notes)
        return try await next(request, context)
    }
}

extension GatewayContext {
    /// Where the request comes from, for the limiter.
    fileprivate var addressSubject: RateLimiter.Subject { .address(IPAddress(address)?.neighbourhood ?? "none") }
}

extension RateLimiter {
    /// - Throws: `Problem`: 429 when one of the limits is reached; 503 while Redis is away, if that is the rule.
    func require(_ demands: [Demand], _ notes: RequestNotes) async throws {
        switch await ask(demands) {
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
