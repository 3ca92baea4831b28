package import Domain
import FoundationEssentials
import Postgres
import Vault

extension Connections {
    static let lockOne = Statement(
        "connections.lock_one",
        "SELECT \(Connection.columns) FROM connections WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE")

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

    /// Writes down that a renewal begins, before the provider is asked. Nothing is written when the tokens cannot be
    /// read.
    /// - Parameters:
    ///   - version: the tokens that are to be replaced.
    ///   - rotates: whether the provider replaces the refresh token at each use: then one renewal waits until another's
    ///     answer can come no more.
    package func begin(
        _ id: ConnectionID, tenant: TenantID, replacing version: Int, rotates: Bool, by renewer: Renewer
    ) async throws -> RenewalStart {
        let name: [PostgresValue] = [.uuid(tenant.uuid), .uuid(id.uuid)]
        let rows = try await pool.query(Self.tokens, name, settings: RowAccess.tenant(tenant))
        guard let row = rows.first else { return .gone }
        let connection = try Connection(row)
        guard connection.state == .active, connection.tokenVersion == version else { return .done(connection) }
        // First: a renewal that is written down and not begun would look like one whose answer was lost.
        switch try await refreshToken(in: row) {
        case .readable(let token): return try await write(connection, token, rotates: rotates, renewer)
        case .useless(let reason): return .impossible(connection, reason)
        }
    }

    private enum RefreshToken {
        case readable(String)
        case useless(ReconnectReason)
    }

    private func refreshToken(in row: PostgresRow) async throws -> RefreshToken {
        do {
            return try await open(row).refreshToken.map { .readable($0) } ?? .useless(.noRefreshToken)
        } catch let error as SealingError {
            // A master key that is not known here may be known elsewhere; what is not authentic never will be.
            guard error == .notAuthentic || error == .malformed || error == .unknownKeyVersion else { throw error }
            return .useless(.unreadable)
        }
    }

    /// - Parameter token: its refresh token; the same as long as the version is.
    private func write(
        _ read: Connection, _ token: String, rotates: Bool, _ renewer: Renewer
    ) async throws -> RenewalStart {
        let name: [PostgresValue] = [.uuid(read.tenant.uuid), .uuid(read.id.uuid)]
        let version = read.tokenVersion
        return try await pool.transaction(settings: RowAccess.tenant(read.tenant)) { transaction -> RenewalStart in
            guard let row = try await transaction.query(Self.lockOne, name).first else { return .gone }
            let connection = try Connection(row)
            guard connection.state == .active, connection.tokenVersion == version else { return .done(connection) }
            let earlier = try await transaction.query(Self.earlier, name + [.int(version)])[0]
            let left = try earlier.double(0)
            if rotates, left > 0 { return .underWay(seconds: left) }
            let renewal = UUID()
            _ = try await transaction.execute(
                Self.begin,
                [.uuid(renewal)] + name
                    + [
                        .int(version), .uuid(renewer.job.uuid), .int32(Int32(clamping: renewer.attempt)),
                        .int(renewer.answerSeconds),
                    ])
            return .ready(
                Renewal(
                    id: renewal, connection: connection, refreshToken: token, mayBeLost: try earlier.int(1) > 0))
        }
    }
}
