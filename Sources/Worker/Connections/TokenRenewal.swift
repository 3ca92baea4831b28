import Domain
import Jobs
import Logging
import Providers
import Store
import Vault

/// The steps of a renewal: written down before the provider is asked, and the answer written by compare-and-set after
/// it. One that has begun is carried to its end even when its attempt is stopped.
struct TokenRenewal: Sendable {
    let connections: Connections
    let providers: ProviderCatalog
    let notice: ReconnectNotice
    let settings: RenewalSettings
    let logger: Logger

    /// What there is to say afterwards.
    enum Ending: Sendable, Equatable {
        case renewed(version: Int)
        /// There were newer tokens, or somebody else wrote them meanwhile.
        case current
        case needsReconnect(ReconnectReason)
        /// There is no such connection any more.
        case gone
    }

    /// - Throws: `Failure` to try again later; `permanent` when the fault is this service's.
    func renew(_ work: RenewToken, _ job: ClaimedJob) async throws -> Ending {
        let connection: Connection
        do {
            connection = try await connections.find(work.connection, tenant: job.tenant)
        } catch ConnectionError.notFound {
            return .gone
        }
        guard let provider = providers[connection.provider] else { throw Failure.providerOff }
        try Task.checkCancellation()
        return try await ToItsEnd.run { try await carryOut(work, job, provider) }
    }

    private func carryOut(_ work: RenewToken, _ job: ClaimedJob, _ provider: any OAuthProvider) async throws -> Ending {
        let renewer = Connections.Renewer(
            job: job.id, attempt: job.attempt, answerSeconds: settings.answerSeconds)
        let start: RenewalStart
        do {
            start = try await connections.begin(
                work.connection, tenant: job.tenant, replacing: work.tokenVersion,
                rotates: provider.about.rotatesRefreshTokens, by: renewer)
        } catch SealingError.unknownMasterKey(let key) {
            throw Failure.masterKeyMissing(key)
        }
        switch start {
        case .gone: return .gone
        case .done: return .current
        case .underWay(let seconds):
            throw Failure(
                .retry, code: "renewal_under_way", message: "The answer to an earlier renewal may still come.",
                retryAfterSeconds: seconds, burnsAttempt: false)
        case .impossible(let connection, let reason):
            let end = try await connections.giveUp(connection, reason) { transaction in
                try await notice.write(connection, reason, in: transaction)
            }
            return end == .needsReconnect ? .needsReconnect(reason) : .current
        case .ready(let renewal): return try await carryOut(renewal, provider)
        }
    }

    private func carryOut(_ renewal: Renewal, _ provider: any OAuthProvider) async throws -> Ending {
        let answer = await ask(provider, renewal)
        switch try await write(renewal, answer.outcome) {
        case .renewed: return .renewed(version: renewal.connection.tokenVersion + 1)
        case .superseded: return .current
        case .needsReconnect:
            guard case .refused(let reason) = answer.outcome else { return .current }
            return .needsReconnect(reason)
        case .unchanged: throw answer.failure ?? .renewalInterrupted
        }
    }

    // MARK: The provider

    private struct Answer: Sendable {
        var outcome: RenewalOutcome
        /// What the job says when the outcome leaves the connection as it was.
        var failure: Failure?
    }

    private func ask(_ provider: any OAuthProvider, _ renewal: Renewal) async -> Answer {
        let connection = renewal.connection
        do {
            let grant = try await provider.renew(
                RenewalGrant(
                    refreshToken: renewal.refreshToken, scopes: connection.scopes, host: connection.host,
                    deadline: .seconds(settings.callSeconds)))
            return Answer(outcome: .renewed(TokenSet(grant)))
        } catch {
            return Self.answer(error, mayBeLost: renewal.mayBeLost && provider.about.rotatesRefreshTokens)
        }
    }

    /// - Parameter mayBeLost: the provider may have replaced this refresh token already, and nobody has the new one.
    private static func answer(_ failure: Failure, mayBeLost: Bool) -> Answer {
        switch failure.kind {
        case .needsReconnect:
            let reason = ReconnectReason(rawValue: failure.code)
            return Answer(outcome: .refused(mayBeLost && reason == .refused ? .lostRotation : reason))
        case .unknownOutcome:
            // The next attempt tries the old refresh token once more.
            var retry = failure
            retry.kind = .retry
            return Answer(outcome: .unknown(code: failure.code), failure: retry)
        case .cancelled: return Answer(outcome: .failed(code: failure.code), failure: .renewalInterrupted)
        case .retry, .permanent: return Answer(outcome: .failed(code: failure.code), failure: failure)
        }
    }

    // MARK: The store

    /// How long the writing of an answer is tried. What holds the only good refresh token is held on to for
    /// longer than an answer counts as under way: late is right as long as nobody else has written.
    private static func patience(_ outcome: RenewalOutcome) -> Duration {
        guard case .renewed(let tokens) = outcome, tokens.refreshToken != nil else { return .seconds(15) }
        return .seconds(300)
    }

    private func write(_ renewal: Renewal, _ outcome: RenewalOutcome) async throws -> RenewalEnd {
        try await ToItsEnd.trying(for: Self.patience(outcome)) { error in
            logger.error(
                "a renewal's answer is not written yet",
                metadata: ["connection": "\(renewal.connection.id)", "error": "\(error)"])
        } _: {
            try await connections.end(renewal, outcome) { transaction in
                guard case .refused(let reason) = outcome else { return }
                try await notice.write(renewal.connection, reason, in: transaction)
            }
        }
    }
}

extension TokenSet {
    init(_ grant: TokenGrant) {
        self.init(
            accessToken: grant.accessToken, refreshToken: grant.refreshToken,
            expiresInSeconds: grant.expiresInSeconds, refreshExpiresInSeconds: grant.refreshExpiresInSeconds,
            scopes: grant.scopes.isEmpty ? nil : grant.scopes)
    }
}

extension Failure {
    static let renewalInterrupted = Failure(
        .retry, code: "renewal_interrupted", message: "The renewal did not come to its end.")
    static let providerOff = Failure(
        .permanent, code: "provider_off", message: "The provider is not set up here.")
}
