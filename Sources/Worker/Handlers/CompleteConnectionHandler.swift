import Domain
import Jobs
import Logging
import Postgres
import Providers
import Store
import Vault

/// Runs `connection.complete`. The connection, the end of the visit and the job's own end are one transaction; a code
/// that was sent and whose answer nobody has is sent again by the next attempt, and refused by the provider then.
struct CompleteConnectionHandler: JobHandler {
    let pool: PostgresPool
    let authorizations: Authorizations
    let connections: Connections
    let providers: ProviderCatalog
    let ending: ConnectionEnding
    let store: JobStore
    let logger: Logger

    /// How long the store may stay away when a code has been spent: the tokens are nowhere else.
    private static let patience = Duration.seconds(15)

    func handle(_ work: CompleteConnection, _ context: AttemptContext) async throws -> Completion {
        guard let visit = try await visit(work.authorization, context.tenant) else {
            throw Failure(
                .permanent, code: "authorization_missing", message: "The visit to the provider is over: connect again.")
        }
        guard let provider = providers[visit.provider] else { throw Failure.providerOff }
        try Task.checkCancellation()
        let tenant = context.tenant
        return try await ToItsEnd.run { try await redeem(visit, tenant, provider) }
    }

    private func visit(_ id: AuthorizationID, _ tenant: TenantID) async throws -> Authorizations.Redeemable? {
        do {
            return try await authorizations.redeemable(id, tenant: tenant)
        } catch SealingError.unknownMasterKey(let key) {
            throw Failure.masterKeyMissing(key)
        } catch is SealingError {
            return nil
        }
    }

    private func redeem(
        _ visit: Authorizations.Redeemable, _ tenant: TenantID, _ provider: any OAuthProvider
    ) async throws -> Completion {
        let grant = try await exchange(visit, tenant, provider)
        guard let account = grant.account else {
            let failure = Failure(
                .permanent, code: "account_missing", message: "The provider did not say whose account it is.")
            throw try await giveBack(grant, visit, tenant, provider, failure)
        }
        var new = Connections.New(
            tenant: tenant, provider: visit.provider, host: visit.host, accountID: account.id,
            accountName: account.email ?? account.name, connectedBy: visit.user, tokens: TokenSet(grant))
        let (place, key) = try await patiently(visit) { [new] in
            (try await connections.place(of: new), try await connections.sealingKey(of: tenant))
        }
        if let known = place.known {
            new.id = known
        } else if place.count >= Connections.maxPerTenant {
            let failure = Failure(
                .permanent, code: "too_many_connections",
                message: "The workspace has \(Connections.maxPerTenant) connections: disconnect one first.")
            throw try await giveBack(grant, visit, tenant, provider, failure)
        }
        return Self.finished(new, followUps: try Self.firstJobs(new, provider.about)) { [new] transaction in
            let made = try await connections.connect(new, sealedBy: key, margin: .standard, in: transaction)
            try await close(visit, made, in: transaction)
        }
    }

    private func patiently<Value>(
        _ visit: Authorizations.Redeemable, _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await ToItsEnd.trying(for: Self.patience) { error in
                logger.error(
                    "an account's tokens are not written yet",
                    metadata: ["authorization": "\(visit.id)", "error": "\(error)"])
            } _: {
                try await body()
            }
        } catch SealingError.unknownMasterKey(let key) {
            throw Failure.masterKeyMissing(key)
        }
    }

    /// What is read at once because somebody waits to see it.
    private static func firstJobs(
        _ new: Connections.New, _ about: ProviderDescription
    ) throws -> [JobSpecification] {
        let granted = about.features(grantedBy: new.tokens.scopes ?? [])
        guard new.provider == GoogleOAuth.name, granted.contains("calendar") else { return [] }
        return [try ListCalendars(new.id, isFull: true).specification(priority: .urgent)]
    }

    private func exchange(
        _ visit: Authorizations.Redeemable, _ tenant: TenantID, _ provider: any OAuthProvider
    ) async throws -> TokenGrant {
        do {
            return try await provider.exchange(
                CodeGrant(
                    code: visit.code, codeVerifier: visit.verifier, redirectURI: visit.redirectURI, host: visit.host,
                    features: visit.features))
        } catch {
            switch error.kind {
            case .retry: throw error
            case .cancelled: throw Failure.renewalInterrupted
            case .needsReconnect, .permanent, .unknownOutcome:
                // A person begins again: nothing waits for that here.
                throw try await refuse(visit, tenant, Failure(.permanent, code: error.code, message: error.message))
            }
        }
    }

    private func giveBack(
        _ grant: TokenGrant, _ visit: Authorizations.Redeemable, _ tenant: TenantID, _ provider: any OAuthProvider,
        _ failure: Failure
    ) async throws -> Failure {
        await ending.revoke(
            RevocationGrant(accessToken: grant.accessToken, refreshToken: grant.refreshToken, host: visit.host),
            of: grant.account?.id, at: provider, for: tenant)
        return try await refuse(visit, tenant, failure)
    }

    // MARK: The store

    private func refuse(
        _ visit: Authorizations.Redeemable, _ tenant: TenantID, _ failure: Failure
    ) async throws -> Failure {
        let entry = AuditLog.Entry(
            .connectionRefused, tenant: tenant, user: visit.user, subject: "authorization:\(visit.id)"
        ) {
            $0.field("provider", visit.provider.rawValue)
            $0.field("code", failure.code)
        }
        try await pool.transaction(settings: RowAccess.tenant(tenant)) { transaction in
            try await authorizations.delete(visit.id, tenant: tenant, in: transaction)
            try await AuditLog.record(entry, by: .connections(of: tenant), in: transaction)
        }
        return failure
    }

    private func close(
        _ visit: Authorizations.Redeemable, _ made: Connection, in transaction: PostgresTransaction
    ) async throws {
        try await authorizations.delete(visit.id, tenant: made.tenant, in: transaction)
        // One that rests, for tokens that are no more, would hold up the renewals of these.
        try await store.withdraw(
            RenewToken.kind, orderingKey: made.id.orderingKey, tenant: made.tenant, in: transaction)
        try await store.release(waitingFor: made.id.awaited, tenant: made.tenant, in: transaction)
        let entry = AuditLog.Entry(
            .connectionMade, tenant: made.tenant, user: visit.user, subject: "connection:\(made.id)"
        ) {
            $0.field("provider", made.provider.rawValue)
        }
        try await AuditLog.record(entry, by: .connections(of: made.tenant), in: transaction)
    }

    private static func finished(
        _ new: Connections.New, followUps: [JobSpecification], effects: @escaping Completion.Effects
    ) -> Completion {
        var writer = JSONWriter(capacity: 160)
        writer.object { object in
            object.field("connection_id", new.id.description)
            object.field("provider", new.provider.rawValue)
            object.field("account", new.accountName)
        }
        return .finished(
            writer.bytes, effects: effects, followUps: followUps, topics: [.calendars(of: new.tenant)])
    }
}
