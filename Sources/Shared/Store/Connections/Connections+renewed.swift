package import Domain
package import Postgres
import Vault

extension Connections {
    /// Nobody overwrites tokens that they have not read. A zombie whose answer comes first is believed: its refresh
    /// token may be the only one that is still good.
    static let renew = Statement(
        "connections.renew",
        """
        UPDATE connections SET
            state = 'active', reason = NULL, scopes = coalesce($4::text[], scopes), access_token = $5,
            refresh_token = coalesce($6::text, refresh_token), token_version = token_version + 1,
            expires_at = now() + $7::int8 * interval '1 second',
            refresh_expires_at = coalesce(now() + $8::int8 * interval '1 second', refresh_expires_at),
            renew_at = now() + $9::int8 * interval '1 second', renewed_at = now(), failures = 0, failed_at = NULL,
            updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND token_version = $3 AND state <> 'disconnecting'
        """)

    static let needReconnect = Statement(
        "connections.need_reconnect",
        """
        UPDATE connections SET state = 'needs_reconnect', reason = $4, failed_at = now(), updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND token_version = $3 AND state = 'active'
        """)

    static let fail = Statement(
        "connections.fail",
        """
        UPDATE connections SET failures = failures + 1, failed_at = now(), updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND token_version = $3 AND state = 'active'
        """)

    static let finish = Statement(
        "renewals.finish",
        """
        UPDATE renewals SET finished_at = clock_timestamp(), outcome = $3, code = $4::text
        WHERE tenant_id = $1 AND id = $2 AND outcome IS NULL
        """)

    /// Writes what a renewal came to: compare-and-set on the version of the tokens, in one transaction with the record
    /// of the renewal and with whatever `also` writes when the connection needs a person from now on.
    /// - Parameter also: acts as the workspace, and as who made the connection.
    package func end(
        _ renewal: Renewal, _ outcome: RenewalOutcome, margin: RenewalMargin = .standard,
        also: @Sendable (PostgresTransaction) async throws -> Void = { _ in }
    ) async throws -> RenewalEnd {
        let connection = renewal.connection
        // Before the transaction, which has a database connection of its own.
        let key: DataKey? =
            if case .renewed = outcome { try await vault.sealingKey(of: connection.tenant) } else { nil }
        return try await pool.transaction(settings: Self.acting(for: connection)) { transaction in
            let end = try await write(outcome, of: connection, key, margin, transaction)
            if end == .needsReconnect { try await also(transaction) }
            _ = try await transaction.execute(
                Self.finish,
                [
                    .uuid(connection.tenant.uuid), .uuid(renewal.id), .text(Self.word(outcome, end)),
                    .optional(Self.code(outcome), PostgresValue.text),
                ])
            return end
        }
    }

    /// A connection that cannot be renewed, and was not tried.
    package func giveUp(
        _ connection: Connection, _ reason: ReconnectReason,
        also: @Sendable (PostgresTransaction) async throws -> Void
    ) async throws -> RenewalEnd {
        try await pool.transaction(settings: Self.acting(for: connection)) { transaction in
            let end = try await write(.refused(reason), of: connection, nil, .standard, transaction)
            if end == .needsReconnect { try await also(transaction) }
            return end
        }
    }

    private static func acting(for connection: Connection) -> [PostgresSetting] {
        connection.connectedBy.map { RowAccess.user($0, tenants: [connection.tenant]) }
            ?? RowAccess.tenant(connection.tenant)
    }

    private func write(
        _ outcome: RenewalOutcome, of connection: Connection, _ key: DataKey?, _ margin: RenewalMargin,
        _ transaction: PostgresTransaction
    ) async throws -> RenewalEnd {
        let fence: [PostgresValue] = [
            .uuid(connection.tenant.uuid), .uuid(connection.id.uuid), .int(connection.tokenVersion),
        ]
        switch outcome {
        case .renewed(let tokens):
            guard let key else { return .unchanged }
            let sealed = SealedTokens(tokens, of: connection.id, connection.tenant, key, margin)
            let scopes = PostgresValue.optional(tokens.scopes) { .texts(Array($0.prefix(100))) }
            let count = try await transaction.execute(Self.renew, fence + [scopes] + sealed.values)
            return count == 1 ? .renewed : .superseded
        case .refused(let reason):
            let count = try await transaction.execute(Self.needReconnect, fence + [.text(reason.rawValue)])
            return count == 1 ? .needsReconnect : .superseded
        case .failed, .unknown:
            return try await transaction.execute(Self.fail, fence) == 1 ? .unchanged : .superseded
        }
    }

    private static func word(_ outcome: RenewalOutcome, _ end: RenewalEnd) -> String {
        if end == .superseded { return "superseded" }
        return switch outcome {
        case .renewed: "renewed"
        case .refused: "refused"
        case .failed: "failed"
        case .unknown: "unknown"
        }
    }

    private static func code(_ outcome: RenewalOutcome) -> String? {
        switch outcome {
        case .renewed: nil
        case .refused(let reason): reason.rawValue
        case .failed(let code), .unknown(let code): String(code.prefix(100))
        }
    }
}
