import Domain
import FoundationEssentials
import Jobs

/// What the gateway says, each as one JSON text.
enum ServerMessage {
    /// - Parameter id: the client's name for the message that this answers.
    private static func message(
        _ type: String, id: String? = nil, _ more: (inout JSONWriter) -> Void = { _ in }
    ) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { object in
            object.field("type", type)
            if let id { object.field("id", id) }
            more(&object)
        }
        return writer.bytes
    }

    static func welcome(_ admission: SocketGate.Admission, limits: SocketLimits, id: String?) -> [UInt8] {
        message("welcome", id: id) { object in
            object.field("protocol", Handshake.subprotocol)
            object.field("workspace_id", admission.principal.tenant.description)
            object.field("user_id", admission.principal.user?.description)
            object.key("scopes")
            object.array { array in for name in admission.principal.permissions.scopeNames { array.string(name) } }
            object.field("expires_at", admission.expiresAt)
            object.field("ping_seconds", limits.pingSeconds)
            object.field("max_message_bytes", limits.messageBytes)
            object.field("max_follows", limits.follows)
        }
    }

    /// - Parameter job: as the route that did it answered.
    static func accepted(_ job: [UInt8], status: Int, isReplay: Bool, id: String?) -> [UInt8] {
        message("accepted", id: id) { object in
            object.field("status", status)
            if isReplay { object.field("replayed", true) }
            object.field("job", json: job)
        }
    }

    static func following(_ job: JobID, after cursor: EventCursor, id: String?) -> [UInt8] {
        message("following", id: id) { object in
            object.field("job", job.description)
            object.field("cursor", cursor == .start ? nil : cursor.description)
        }
    }

    static func unfollowed(_ job: JobID, id: String?) -> [UInt8] {
        message("unfollowed", id: id) { $0.field("job", job.description) }
    }

    /// `id` is the event's place: where to go on after it.
    static func event(_ frame: EventFrame, of job: JobID) -> [UInt8] {
        message("event") { object in
            object.field("job", job.description)
            object.field("event", frame.name)
            object.field("id", frame.id?.description)
            object.field("data", json: frame.data.bytes)
        }
    }

    /// - Parameters:
    ///   - problem: as `application/problem+json`.
    ///   - job: whose following broke off.
    static func error(_ problem: [UInt8], id: String?, job: JobID? = nil, retryAfter: String? = nil) -> [UInt8] {
        message("error", id: id) { object in
            if let job { object.field("job", job.description) }
            if let seconds = retryAfter.flatMap({ Int($0) }) { object.field("retry_after_seconds", seconds) }
            object.field("problem", json: problem)
        }
    }

    static func pong(id: String?) -> [UInt8] { message("pong", id: id) }

    /// - Parameter milliseconds: when to come back, so that not all come at once.
    static func goingAway(retryAfter milliseconds: Int) -> [UInt8] {
        message("going_away") { $0.field("retry_after_ms", milliseconds) }
    }
}
