import Domain
import Foundation
import HTTPTypes
import Store
import Vault

/// Finds out who a request is from, and in which workspace it acts. Knows every kind of credential:
/// a JWT of ours or of Supabase, a key of the table, a key of API_KEYS or SERVICE_KEYS, and the session cookie.
struct Identification: Sendable {
    /// What of a request tells who it is from.
    struct Presented: Sendable {
        var headers: HTTPFields
        var method: HTTPRequest.Method
        /// The host the request was sent to, with its port where it has one.
        var authority: String?
    }

    let configuredKeys: KeyRing<TenantID>
    let standings: Standings
    /// `nil`: there are no accounts.
    let credentials: Credentials?
    let foreign: ForeignIssuer?
    /// What a request with a cookie must come from.
    let sites: SiteCheck

    /// - Throws: `Problem` (401 without a valid credential, 403 for a forged request, 404 for a company that is not the
    ///   caller's), `PostgresError`.
    func principal(of presented: Presented) async throws -> Principal {
        guard let bearer = BearerToken.read(presented.headers) else { return try await byCookie(presented) }
        if bearer.hasPrefix(APIKeyText.start) { return try Self.inItsWorkspace(await byKey(bearer), presented) }
        if let tenant = configuredKeys.owner(of: bearer) {
            return try Self.inItsWorkspace(Self.configured(tenant), presented)
        }
        guard bearer.utf8.count(where: { $0 == UInt8(ascii: ".") }) == 2 else { throw Problem.unauthenticated }
        return try await byToken(bearer, presented)
    }

    /// A key works in one workspace: whoever asks for another by it is told, rather than served in the wrong one.
    /// - Throws: `Problem` (404).
    private static func inItsWorkspace(_ principal: Principal, _ presented: Presented) throws -> Principal {
        guard let text = presented.headers[.xCompanyID] else { return principal }
        guard let company = CompanyID(text), TenantID(company) == principal.tenant else {
            throw Problem.companyNotFound
        }
        return principal
    }

    /// Whether somebody who was let in a while ago still would be, in the same workspace.
    /// - Throws: `PostgresError`: nobody knows now.
    func isStillGood(_ principal: Principal) async throws -> Bool {
        if let expiresAt = principal.expiresAt, expiresAt <= Date() { return false }
        switch principal.actor {
        case .configuredKey, .service: return true
        case .key:
            guard let key = try await standings.key(digest: principal.keyDigest ?? []) else { return false }
            return try await permissions(ofMaker: key)?.isSuperset(of: principal.permissions) ?? false
        case .user(let user, let session):
            guard let standing = try await standings.standing(of: user, session: session), standing.isGood else {
                return false
            }
            return principal.role == nil || standing.roles[CompanyID(principal.tenant.uuid)] == principal.role
        }
    }

    private static func configured(_ tenant: TenantID) -> Principal {
        let isService = tenant == .operators
        return Principal(
            actor: isService ? .service : .configuredKey(tenant), tenant: tenant,
            permissions: isService ? [.all, .operate] : .all)
    }

    private func byKey(_ text: String) async throws -> Principal {
        guard let key = APIKeyText(text), let found = try await standings.key(digest: key.digest),
            found.expiresAt.map({ $0 > Date() }) ?? true
        else { throw Problem.unauthenticated }
        let scopes = Permissions(scopes: found.scopes)
        guard let maker = try await permissions(ofMaker: found) else { throw Problem.unauthenticated }
        return Principal(
            actor: .key(found.id), tenant: found.tenant, permissions: scopes.intersection(maker),
            expiresAt: found.expiresAt, keyDigest: key.digest)
    }

    /// A key never does more than who made it may do now: it ends with their account, and with their membership.
    /// - Returns: `nil` when they may not do anything there any more.
    private func permissions(ofMaker key: APIKeys.Key) async throws -> Permissions? {
        guard let maker = key.createdBy else { return [.all.ofKeys, .operate] }
        guard let standing = try await standings.standing(of: maker, session: nil), standing.isGood else { return nil }
        let extra: Permissions = standing.isSuperuser ? .operate : []
        if key.tenant == TenantID(maker) { return [.all.ofKeys, extra] }
        return standing.roles[CompanyID(key.tenant.uuid)].map { [$0.permissions.ofKeys, extra] }
    }

    private func byToken(_ text: String, _ presented: Presented) async throws -> Principal {
        if let credentials, let claims = try? credentials.access.verify(text) {
            var principal = try await person(UserID(claims.user), SessionID(claims.session), presented)
            principal.expiresAt = claims.expiresAt
            return principal
        }
        if let foreign, let (claim, expiresAt) = try await foreign.claim(of: text),
            let user = try await standings.user(of: claim)
        {
            var principal = try await person(user, nil, presented)
            principal.expiresAt = expiresAt
            return principal
        }
        throw Problem.unauthenticated
    }

    private func byCookie(_ presented: Presented) async throws -> Principal {
        let cookies = Cookies(presented.headers)
        guard let credentials, let text = cookies[SessionCookie.name], let token = credentials.session.read(text)
        else { throw Problem.unauthenticated }
        if ![.get, .head, .options].contains(presented.method) {
            guard sites.isOwn(presented.headers, host: presented.authority), let header = presented.headers[.csrfToken],
                let cookie = cookies[SessionCookie.csrfName], credentials.csrf.areSame(header, cookie),
                credentials.csrf.isValid(header, session: token.session)
            else { throw Problem.csrfFailed }
        }
        return try await person(UserID(token.user), SessionID(token.session), presented)
    }

    private func person(
        _ user: UserID, _ session: SessionID?, _ presented: Presented
    ) async throws -> Principal {
        guard let standing = try await standings.standing(of: user, session: session), standing.isGood else {
            throw Problem.unauthenticated
        }
        let extra: Permissions = standing.isSuperuser ? .operate : []
        let actor = Principal.Actor.user(user, session: session)
        guard let text = presented.headers[.xCompanyID] else {
            return Principal(actor: actor, tenant: TenantID(user), permissions: [.all, extra])
        }
        guard let company = CompanyID(text), let role = standing.roles[company] else { throw Problem.companyNotFound }
        return Principal(
            actor: actor, tenant: TenantID(company), permissions: [role.permissions, extra], role: role)
    }
}

extension HTTPField.Name {
    static let csrfToken = HTTPField.Name("X-CSRF-Token")!
    static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
}
