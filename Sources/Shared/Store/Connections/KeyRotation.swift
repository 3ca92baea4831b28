package import Domain
import FoundationEssentials
package import Postgres
package import Vault

/// Puts every data key under the master key that is in use now, while everything runs. For the worker's role, as an
/// operator. Errors are `PostgresError`, and what the key service throws besides `SealingError`.
package struct KeyRotation: Sendable {
    let pool: PostgresPool
    let wrapping: any KeyWrapping

    package init(pool: PostgresPool, wrapping: any KeyWrapping) {
        self.pool = pool
        self.wrapping = wrapping
    }

    /// Data keys of one page.
    static let page = 200

    static let others = Statement(
        "data_keys.others",
        """
        SELECT tenant_id, version, wrapped FROM data_keys
        WHERE master_key <> $1 AND (tenant_id, version) > ($2, $3::int4)
        ORDER BY tenant_id, version LIMIT \(page)
        """)

    /// Unless somebody else has rewrapped it meanwhile.
    static let rewrap = Statement(
        "data_keys.rewrap",
        """
        UPDATE data_keys SET wrapped = $4, master_key = $5, rewrapped_at = now()
        WHERE tenant_id = $1 AND version = $2::int4 AND wrapped = $3
        """)

    static let counts = Statement(
        "data_keys.counts", "SELECT master_key, count(*) FROM data_keys GROUP BY master_key ORDER BY master_key")

    /// How many data keys each master key wraps: one that is missing here is used by nobody.
    package func counts() async throws -> [(masterKey: String, dataKeys: Int)] {
        try await pool.query(Self.counts, [], settings: RowAccess.operators)
            .map { (try $0.text(0), try $0.int(1)) }
    }

    /// What one run came to.
    package struct Outcome: Sendable, Equatable {
        package var rewrapped = 0
        /// Data keys that the master keys known here do not open.
        package var unreadable = 0
        /// Whose they are: the first `maxTenants`, in their order.
        package var tenants: [TenantID] = []

        package static let maxTenants = 1_000

        package init() {}
    }

    /// Rewraps what is under another master key; what cannot be opened stays as it is. Safe to stop, and to repeat.
    package func run() async throws -> Outcome {
        var (outcome, last) = (Outcome(), (TenantID.operators.uuid, 0))
        while true {
            let rows = try await pool.query(
                Self.others,
                [.text(wrapping.currentKeyID), .uuid(last.0), .int32(Int32(clamping: last.1))],
                settings: RowAccess.operators)
            for row in rows {
                try Task.checkCancellation()
                last = (try row.uuid(0), try row.int(1))
                let tenant = TenantID(last.0)
                do {
                    if try await rewrap(tenant, last.1, try row.text(2)) { outcome.rewrapped += 1 }
                } catch is SealingError {
                    outcome.unreadable += 1
                    let isNamed = outcome.tenants.last == tenant || outcome.tenants.count == Outcome.maxTenants
                    if !isNamed { outcome.tenants.append(tenant) }
                }
            }
            if rows.isEmpty { return outcome }
        }
    }

    private func rewrap(_ tenant: TenantID, _ version: Int, _ text: String) async throws -> Bool {
        let old = try WrappedKey(text)
        guard let new = try await wrapping.rewrap(old, owner: tenant.uuid, version: version) else { return false }
        return try await pool.execute(
            Self.rewrap,
            [
                .uuid(tenant.uuid), .int32(Int32(clamping: version)), .text(text), .text(new.text),
                .text(new.masterKeyID),
            ], settings: RowAccess.operators) == 1
    }
}
