package import Domain
package import Postgres

/// Who does something and from where, as far as the database and the audit log need to know.
package struct Caller: Sendable {
    /// `user:<id>`, `key:<id>`, `operator`, `service`, `anonymous`.
    package var name: String
    /// `nil`: a key, or nobody.
    package var user: UserID?
    /// The workspace the credentials act in. A person's may be another than the company that a request names.
    package var tenant: TenantID
    package var permissions: Permissions
    /// The client's IP address; empty when there is none.
    package var address: String
    package var requestID: String

    package init(
        name: String, user: UserID?, tenant: TenantID, permissions: Permissions, address: String = "",
        requestID: String = ""
    ) {
        self.name = name
        self.user = user
        self.tenant = tenant
        self.permissions = permissions
        self.address = address
        self.requestID = requestID
    }

    /// What a transaction names to act in the caller's workspace.
    package var settings: [PostgresSetting] { Self.settings(tenant: tenant, user: user) }

    static func settings(tenant: TenantID, user: UserID?) -> [PostgresSetting] {
        [
            PostgresSetting("errand.tenants", tenant.description),
            PostgresSetting("errand.user", user?.description ?? ""),
        ]
    }
}
