import Domain
import HTTPTypes
import Hummingbird
import Jobs
import Postgres
import Providers
import Store
import Vault

/// `/api/v1/integrations/callback`: a browser comes back from a provider's consent page. Open to everybody: the state
/// and the browser's cookie say whose visit it is.
struct CallbackRoutes: Sendable {
    /// `nil`: no accounts can be connected here.
    let parts: ConnectionParts?
    let intake: JobIntake
    let identification: Identification

    func mount(on router: RouterGroup<GatewayContext>) {
        router.get("integrations/callback", use: callback)
    }

    @Sendable func callback(_ request: Request, context: GatewayContext) async throws -> Response {
        let parts = try parts.orOff()
        // HEAD comes here as well, and is no browser that comes back.
        guard request.method == .get else { throw Problem.methodNotAllowed("GET") }
        guard let visit = try await visit(of: request, parts) else { return StrandedPage.unknown.response() }
        if try await isAnothers(visit, request) { return StrandedPage.anotherPerson.response() }
        do {
            if visit.isOver { throw CallbackError.over }
            let code = try await checkedCode(visit, parts)
            return Self.redirect(to: visit.address(job: try await complete(visit, code, parts, context)))
        } catch let error as CallbackError {
            let isFirst = visit.isOver ? true : try await refuse(visit, error, parts, context)
            return Self.redirect(to: visit.address(isFirst ? error : .over))
        }
    }

    /// `nil`: nobody began it, or another browser did.
    private func visit(of request: Request, _ parts: ConnectionParts) async throws -> Visit? {
        guard let query = CallbackQuery(request.uri.query ?? ""), let browser = ConnectCookie.read(request.headers)
        else { return nil }
        switch try await parts.authorizations.present(digest: query.state.digest, browser: browser.digest) {
        case .unknown: return nil
        case .over(let returned): return Visit(returned: returned, query: query, isOver: true)
        case .open(let returned): return Visit(returned: returned, query: query, isOver: false)
        }
    }

    /// Whether somebody else has signed in here than who began. Nobody is right too: a session may have ended.
    private func isAnothers(_ visit: Visit, _ request: Request) async throws -> Bool {
        guard let beginner = visit.returned.user else { return false }
        var headers = HTTPFields()
        headers[values: .cookie] = request.headers[values: .cookie]
        do {
            let presented = Identification.Presented(headers: headers, method: .get, authority: nil)
            return try await identification.principal(of: presented).user != beginner
        } catch is Problem {
            return false
        }
    }

    /// - Throws: `CallbackError` when the code, if there is one, must not be redeemed.
    private func checkedCode(_ visit: Visit, _ parts: ConnectionParts) async throws -> String {
        guard let provider = parts.catalog[visit.returned.provider] else { throw CallbackError.unavailable }
        guard provider.accepts(issuer: visit.query.issuer) else { throw CallbackError.wrongIssuer }
        guard try await mayStillConnect(visit) else { throw CallbackError.notPermitted }
        return try visit.query.code.get()
    }

    /// Much can happen in 15 minutes.
    private func mayStillConnect(_ visit: Visit) async throws -> Bool {
        guard let user = visit.returned.user else { return true }
        let standing = try await identification.standings.standing(of: user, session: nil)
        guard let standing, standing.isGood else { return false }
        if visit.returned.tenant == TenantID(user) { return true }
        let role = standing.roles[CompanyID(visit.returned.tenant.uuid)]
        return role?.permissions.contains(.writeConnections) ?? false
    }

    /// Uses the visit up and makes the job that redeems its code, in one transaction.
    private func complete(
        _ visit: Visit, _ code: String, _ parts: ConnectionParts, _ context: GatewayContext
    ) async throws -> JobID {
        let (returned, digest) = (visit.returned, visit.query.state.digest)
        let key = try await parts.vault.sealingKey(of: returned.tenant)
        let authorizations = parts.authorizations
        var specification = try CompleteConnection(returned.id).specification()
        specification.priority = .urgent
        specification.trace = context.traceparent
        let job = specification
        let made = try await intake.accept(
            tenant: returned.tenant, key: nil, acting: RowAccess.secret(digest: digest)
        ) { transaction in
            let isFirst = try await authorizations.use(
                returned, digest: digest, code: code, sealedBy: key, in: transaction)
            guard isFirst else { throw CallbackError.over }
            return job
        }
        guard let id = made.job?.id else { throw CallbackError.over }
        return id
    }

    /// Uses the visit up without a code, and notes why.
    /// - Returns: false when another request used it up meanwhile.
    private func refuse(
        _ visit: Visit, _ error: CallbackError, _ parts: ConnectionParts, _ context: GatewayContext
    ) async throws -> Bool {
        let (returned, digest) = (visit.returned, visit.query.state.digest)
        let key = try await parts.vault.sealingKey(of: returned.tenant)
        let caller = visit.caller(context)
        let entry = AuditLog.Entry(
            .connectionRefused, tenant: returned.tenant, user: returned.user, subject: "authorization:\(returned.id)"
        ) { details in
            details.field("provider", returned.provider.rawValue)
            details.field("error", error.rawValue)
        }
        let authorizations = parts.authorizations
        let acting = Authorizations.using(returned, digest: digest)
        return try await parts.pool.transaction(settings: acting) { transaction in
            let isFirst = try await authorizations.use(
                returned, digest: digest, code: nil, sealedBy: key, in: transaction)
            if isFirst { try await AuditLog.record(entry, by: caller, in: transaction) }
            return isFirst
        }
    }

    private static func redirect(to address: String) -> Response {
        Response(status: .seeOther, headers: [.location: address])
    }
}
