package import Domain
import Jobs
package import Postgres

/// What a transaction may see and change: names for the settings that the policies of `0005_accounts.sql` read. Each
/// holds inside its transaction only.
package enum RowAccess {
    /// A person's account, sessions and memberships, and the rows of the workspaces they act in.
    package static func user(_ user: UserID, tenants: [TenantID] = []) -> [PostgresSetting] {
        [PostgresSetting("errand.user", user.description)] + (tenants.isEmpty ? [] : JobStore.acting(for: tenants))
    }

    /// The rows of one workspace.
    package static func tenant(_ tenant: TenantID) -> [PostgresSetting] { JobStore.acting(for: tenant) }

    /// The account of an address that somebody typed.
    package static func email(_ email: EmailAddress) -> [PostgresSetting] {
        [PostgresSetting("errand.email", email.text)]
    }

    /// The row of a secret that somebody presented.
    /// - Parameter digest: its SHA-256.
    package static func secret(digest: [UInt8]) -> [PostgresSetting] {
        let hex = digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return [PostgresSetting("errand.secret", hex)]
    }

    static let actFor = Statement("callers.act_for", "SELECT set_config('errand.tenants', $1, true)")

    /// From here on the transaction acts for these workspaces, and for none that it acted for before.
    package static func act(for tenants: [TenantID], in transaction: PostgresTransaction) async throws {
        let list = tenants.map(\.description).joined(separator: ",")
        _ = try await transaction.query(Self.actFor, [.text(list)])
    }

    /// Every account: for operators' commands and sweeps, which the worker's role runs.
    package static let operators = [PostgresSetting("errand.operator", "on")]
}
