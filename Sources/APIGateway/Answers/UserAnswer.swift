import Domain
import Store

/// An account as its owner sees it.
struct UserAnswer {
    let user: User

    init(_ user: User) { self.user = user }

    var bytes: JSONWriter {
        var writer = JSONWriter(capacity: 320)
        writer.object { object in
            object.field("id", user.id.description)
            object.field("email", user.email.text)
            object.field("pending_email", user.pendingEmail?.text)
            object.field("name", user.name)
            object.field("is_active", user.isActive)
            object.field("is_verified", user.isVerified)
            object.field("is_superuser", user.isSuperuser)
            object.field("created_at", user.createdAt)
        }
        return writer
    }
}
