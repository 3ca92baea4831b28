package import Domain
import FoundationEssentials
import Postgres
import Vault

extension Connections {
    static let lockTokens = Statement(
        "connections.lock_tokens",
        """
        SELECT \(Connection.columns), access_token, refresh_token FROM connections WHERE tenant_id = $1 AND id = $2
        FOR NO KEY UPDATE
        """)

    /// Earlier renewals of the same refresh token without a known outcome: seconds until the last of their answers can
    /// come no more, 0 or less for none that still can; and whether there were any.
    static let earlier = Statement(
        "renewals.earlier",
        """
        SELECT coalesce(
                   extract(epoch FROM max(answer_by) FILTER (WHERE outcome IS NULL) - clock_timestamp()), 0)::float8,
               count(*)
        FROM renewals
        WHERE tenant_id = $1 AND connection_id = $2 AND token_version = $3
          AND (outcome IS NULL OR outcome = 'unknown')
        """)

    static let begin = Statement(
        "renewals.begin",
        """
        INSERT INTO renewals (id, tenant_id, connection_id, token_version, job_id, attempt, answer_by)
        VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7 * interval '1 second')
        """)

    /// Who renews.
    package struct Renewer: Sendable {
        package var job: JobID
        package var attempt: Int
        /// How long the provider's answer may take to be written, from now.
        package var answerSeconds: Int

        package init(job: JobID, attempt: Int, answerSeconds: Int) {
            self.job = job
            self.attempt = attempt
            self.answerSeconds = answerSeconds
        }
    }

    /// Writes down that a renewal begins, before the provider is asked.
    /// - Parameters:
    ///   - version: the tokens that are to be replaced.
    ///   - rotates: whether the provider replaces the refresh token at each use: then one renewal waits until another's
    ///     answer can come no more.
    package func begin(
        _ id: ConnectionID, tenant: TenantID, replacing version: Int, rotates: Bool, by renewer: Renewer
    ) async throws -> RenewalStart {
        let name: [PostgresValue] = [.uuid(tenant.uuid), .uuid(id.uuid)]
        let (row, mayBeLost, renewal) = try await pool.transaction(settings: RowAccess.tenant(tenant)) {
            transaction -> (PostgresRow?, Beginning, UUID) in
            let renewal = UUID()
            guard let row = try await transaction.query(Self.lockTokens, name).first else {
                return (nil, .new, renewal)
            }
            let connection = try Connection(row)
            guard connection.state == .active, connection.tokenVersion == version else { return (row, .new, renewal) }
            let earlier = try await transaction.query(Self.earlier, name + [.int(version)])[0]
            let left = try earlier.double(0)
            if rotates, left > 0 { return (row, .underWay(left), renewal) }
            _ = try await transaction.execute(
                Self.begin,
                [.uuid(renewal)] + name
                    + [
                        .int(version), .uuid(renewer.job.uuid), .int32(Int32(clamping: renewer.attempt)),
                        .int(renewer.answerSeconds),
                    ])
            return (row, try earlier.int(1) > 0 ? .repeated : .new, renewal)
        }
        guard let row else { return .gone }
        return try await start(row, mayBeLost, renewal, version)
    }

    private enum Beginning {
        case new
        case repeated
        case underWay(Double)
    }

    private func start(
        _ row: PostgresRow, _ beginning: Beginning, _ renewal: UUID, _ version: Int
    ) async throws -> RenewalStart {
        let connection = try Connection(row)
        guard connection.state == .active, connection.tokenVersion == version else { return .done(connection) }
        if case .underWay(let seconds) = beginning { return .underWay(seconds: seconds) }
        let opened: Opened
        do {
            opened = try await open(row)
        } catch let error as SealingError {
            // A master key that is not known here may be known elsewhere; what is not authentic never will be.
            guard error == .notAuthentic || error == .malformed || error == .unknownKeyVersion else { throw error }
            return .impossible(connection, .unreadable)
        }
        guard let token = opened.refreshToken else { return .impossible(connection, .noRefreshToken) }
        var mayBeLost = false
        if case .repeated = beginning { mayBeLost = true }
        return .ready(
            Renewal(id: renewal, connection: connection, refreshToken: token, mayBeLost: mayBeLost))
    }
}
