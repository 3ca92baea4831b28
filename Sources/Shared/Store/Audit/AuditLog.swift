package import Domain
package import FoundationEssentials
package import Postgres

/// What somebody did that matters for security. Names are `area.what_happened`.
package struct AuditAction: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let companyCreated = Self(rawValue: "company.created")
    package static let companyRenamed = Self(rawValue: "company.renamed")
    package static let companyDeleted = Self(rawValue: "company.deleted")
    package static let memberAdded = Self(rawValue: "company.member_added")
    package static let memberRoleChanged = Self(rawValue: "company.member_role_changed")
    package static let memberRemoved = Self(rawValue: "company.member_removed")
    package static let memberLeft = Self(rawValue: "company.member_left")
    package static let invitationSent = Self(rawValue: "company.invitation_sent")
    package static let invitationRevoked = Self(rawValue: "company.invitation_revoked")
    package static let taskDeleted = Self(rawValue: "task.deleted")
    package static let taskRestored = Self(rawValue: "task.restored")
}

/// The audit log: written in the transaction that does what is recorded, read by workspace, never changed.
package struct AuditLog: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// What is to be recorded.
    package struct Entry: Sendable {
        package var action: AuditAction
        /// The workspace it happens in. `nil`: none, such as a sign-in with an unknown address.
        package var tenant: TenantID?
        /// The person it is done to or by.
        package var user: UserID?
        /// What it is done to: `task:<id>`, ...
        package var subject: String?
        /// Fields of a JSON object. Never a secret.
        package var details: @Sendable (inout JSONWriter) -> Void

        package init(
            _ action: AuditAction, tenant: TenantID?, user: UserID? = nil, subject: String? = nil,
            details: @escaping @Sendable (inout JSONWriter) -> Void = { _ in }
        ) {
            self.action = action
            self.tenant = tenant
            self.user = user
            self.subject = subject
            self.details = details
        }
    }

    static let insert = Statement(
        "audit.insert",
        """
        INSERT INTO audit_events (id, tenant_id, user_id, actor, action, subject, address, request_id, details)
        VALUES ($1, $2::uuid, $3::uuid, $4, $5, $6::text, $7, $8, $9)
        """)

    /// Records in a transaction that acts for the entry's workspace.
    package static func record(
        _ entry: Entry, by caller: Caller, in transaction: PostgresTransaction
    ) async throws {
        var details = JSONWriter(capacity: 128)
        details.object(entry.details)
        _ = try await transaction.execute(
            insert,
            [
                .uuid(AuditEventID.make().uuid), .optional(entry.tenant?.uuid, PostgresValue.uuid),
                .optional(entry.user?.uuid, PostgresValue.uuid), .text(String(caller.name.prefix(100))),
                .text(entry.action.rawValue), .optional(entry.subject, PostgresValue.text),
                .text(String(caller.address.prefix(45))), .text(String(caller.requestID.prefix(100))),
                .json(details.bytes),
            ])
    }

    package struct Event: Sendable {
        package var id: AuditEventID
        package var action: AuditAction
        package var actor: String
        package var user: UserID?
        package var subject: String?
        package var address: String
        package var requestID: String
        /// A JSON object.
        package var details: [UInt8]
        package var createdAt: Date
    }

    private static let columns = "id, action, actor, user_id, subject, address, request_id, details, created_at"

    static let list = Statement(
        "audit.list",
        """
        SELECT \(columns) FROM audit_events
        WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2) AND ($3::text IS NULL OR action = $3)
        ORDER BY id DESC LIMIT $4
        """)

    /// A workspace's events, newest first.
    /// - Parameter before: the last one of the page before.
    package func list(
        tenant: TenantID, action: AuditAction?, before: AuditEventID?, limit: Int
    ) async throws -> [Event] {
        try await pool.query(
            Self.list,
            [
                .uuid(tenant.uuid), .optional(before?.uuid, PostgresValue.uuid),
                .optional(action?.rawValue, PostgresValue.text), .int(limit),
            ], settings: Caller.settings(tenant: tenant, user: nil)
        ).map { row in
            Event(
                id: AuditEventID(try row.uuid(0)), action: AuditAction(rawValue: try row.text(1)),
                actor: try row.text(2), user: try row.optionalUUID(3).map { UserID($0) },
                subject: try row.optionalText(4), address: try row.text(5), requestID: try row.text(6),
                details: try row.json(7), createdAt: try row.timestamp(8))
        }
    }
}
