import Domain
import Postgres
import Store

/// Takes refresh tokens. Those that come while others are being taken wait, and the same token that many present at
/// once is taken once for all of them: a page with many open requests costs one transaction.
struct Refreshes: Sendable {
    /// A refresh token that was signed by us.
    struct Presented: Sendable {
        var signIn: SignIn
        var generation: Int
        var origin: Origin
    }

    private struct Token: Hashable {
        var signIn: SignIn
        var generation: Int
    }

    private let batches: GroupCommit<Presented, Sessions.Refresh>

    init(pool: PostgresPool, graceSeconds: Int) {
        batches = GroupCommit(lanes: 4, maxBatch: 100, maxWaiting: 10_000) { presented in
            var outcomes: [Token: Sessions.Refresh] = [:]
            for each in presented {
                let token = Token(signIn: each.signIn, generation: each.generation)
                if outcomes[token] == nil {
                    outcomes[token] = try await Self.take(each, graceSeconds: graceSeconds, pool)
                }
            }
            return presented.map { each in
                outcomes[Token(signIn: each.signIn, generation: each.generation)] ?? .unknown
            }
        }
    }

    /// See `Sessions.refresh`.
    /// - Throws: `PostgresError`, `overloaded` among them.
    func advance(_ presented: Presented) async throws -> Sessions.Refresh { try await batches.submit(presented) }

    private static func take(
        _ presented: Presented, graceSeconds: Int, _ pool: PostgresPool
    ) async throws -> Sessions.Refresh {
        let signIn = presented.signIn
        return try await pool.transaction(settings: Accounts.acting(as: signIn.user)) { transaction in
            let outcome = try await Sessions(pool: pool).refresh(
                signIn.session, of: signIn.user, generation: presented.generation, graceSeconds: graceSeconds,
                in: transaction)
            if outcome == .reused {
                try await Accounts.note(
                    .refreshReused, of: signIn.user, from: presented.origin, subject: "session:\(signIn.session)",
                    in: transaction)
            }
            return outcome
        }
    }
}
