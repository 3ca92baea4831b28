import Domain
import Store

/// Accounts as operators see them.
enum UserLines {
    static func table(_ users: [User]) -> String {
        var table = TextTable([
            ("USER", .left), ("EMAIL", .left), ("NAME", .left), ("CREATED", .left), ("LAST LOGIN", .left), ("", .left),
        ])
        for user in users {
            table.add([
                user.id.description, user.email.text, user.name, Words.time(user.createdAt),
                Words.time(user.lastLoginAt), marks(user).joined(separator: ", "),
            ])
        }
        return table.text
    }

    private static func marks(_ user: User) -> [String] {
        if user.deletedAt != nil { return ["deleted"] }
        return [
            user.isActive ? nil : "inactive", user.isVerified ? nil : "unverified",
            user.isSuperuser ? "superuser" : nil, user.passwordHash == nil ? "no password" : nil,
        ].compactMap { $0 }
    }

    /// One line for each thing there is to say, then a table of sessions.
    static func sheet(_ details: AccountOperations.Details) -> String {
        let user = details.user
        var lines: [(String, String)] = [
            ("id", user.id.description), ("email", user.email.text), ("verified", user.isVerified ? "yes" : "no"),
            ("name", user.name),
            ("created", Words.time(user.createdAt)), ("last login", Words.time(user.lastLoginAt)),
        ]
        if let pending = user.pendingEmail { lines.append(("next email", pending.text)) }
        if !marks(user).isEmpty { lines.append(("state", marks(user).joined(separator: ", "))) }
        lines += details.companies.map { ("company", "\($0.id) \($0.name) (\($0.role))") }
        lines += details.identities.map { ("identity", "\($0.issuer) \($0.subject)") }
        var table = TextTable([("", .left), ("", .left)])
        for (name, value) in lines { table.add([name, value]) }
        return table.text.drop { $0.isNewline } + (details.sessions.isEmpty ? "" : "\n" + sessions(details.sessions))
    }

    private static func sessions(_ sessions: [Session]) -> String {
        var table = TextTable([
            ("SESSION", .left), ("CREATED", .left), ("USED", .right), ("ENDS", .left), ("ADDRESS", .left),
            ("USER AGENT", .left),
        ])
        for session in sessions {
            table.add([
                session.id.description, Words.time(session.createdAt), Words.ago(session.lastUsedAt),
                Words.time(session.expiresAt), session.address, String(session.userAgent.prefix(60)),
            ])
        }
        return table.text
    }

    static func write(_ user: User, to writer: inout JSONWriter) { writer.object { writeFields(user, to: &$0) } }

    static func write(_ details: AccountOperations.Details, to writer: inout JSONWriter) {
        writer.object { object in
            writeFields(details.user, to: &object)
            object.key("sessions")
            object.array { array in for session in details.sessions { write(session, to: &array) } }
            object.key("companies")
            object.array { array in
                for company in details.companies {
                    array.object { inner in
                        inner.field("id", company.id.description)
                        inner.field("name", company.name)
                        inner.field("role", company.role)
                    }
                }
            }
            object.key("identities")
            object.array { array in
                for identity in details.identities {
                    array.object { inner in
                        inner.field("issuer", identity.issuer)
                        inner.field("subject", identity.subject)
                    }
                }
            }
        }
    }

    /// The names are those of the API.
    private static func writeFields(_ user: User, to object: inout JSONWriter) {
        object.field("id", user.id.description)
        object.field("email", user.email.text)
        object.field("pending_email", user.pendingEmail?.text)
        object.field("name", user.name)
        object.field("is_active", user.isActive)
        object.field("is_verified", user.isVerified)
        object.field("is_superuser", user.isSuperuser)
        object.field("has_password", user.passwordHash != nil)
        object.field("created_at", user.createdAt)
        object.field("last_login_at", user.lastLoginAt)
        object.field("deleted_at", user.deletedAt)
    }

    private static func write(_ session: Session, to writer: inout JSONWriter) {
        writer.object { object in
            object.field("id", session.id.description)
            object.field("created_at", session.createdAt)
            object.field("last_used_at", session.lastUsedAt)
            object.field("expires_at", session.expiresAt)
            object.field("user_agent", session.userAgent)
            object.field("address", session.address)
        }
    }
}
