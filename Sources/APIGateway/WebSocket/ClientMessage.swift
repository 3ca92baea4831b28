import Domain
import FoundationEssentials
import NIOCore

/// What a client says.
struct ClientMessage: Decodable {
    enum Request {
        case authenticate(token: String, company: String?)
        case follow(JobID, after: EventCursor)
        case unfollow(JobID)
        case post(Post)
        case cancel(JobID)
        case ping
    }

    /// A job, or a message of a chat; what it says is read by the route that takes it as a body.
    struct Post {
        var idempotencyKey: String?
        var traceparent: String?
        /// The job it makes is followed from its beginning.
        var follows: Bool
    }

    /// The client's own name for this message, which the answers to it repeat.
    var id: String?
    var request: Request

    private enum CodingKeys: String, CodingKey {
        case type, id, token, job, cursor, follow, traceparent
        case company = "company_id"
        case idempotencyKey = "idempotency_key"
    }

    private static let types = "must be authenticate, follow, unfollow, post, cancel or ping"

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        var fields = FieldReader(container)
        id = try Tag(from: decoder).id
        let type = try container.decode(String.self, forKey: .type)
        switch type {
        case "authenticate":
            request = .authenticate(
                token: try container.decode(String.self, forKey: .token),
                company: try container.decodeIfPresent(String.self, forKey: .company))
        case "follow":
            let cursor = try fields.value(.cursor, "must be the id of an event, such as 1-42") { EventCursor($0) }
            request = .follow(try container.decode(JobID.self, forKey: .job), after: cursor ?? .start)
        case "unfollow": request = .unfollow(try container.decode(JobID.self, forKey: .job))
        case "cancel": request = .cancel(try container.decode(JobID.self, forKey: .job))
        case "ping": request = .ping
        case "post":
            request = .post(
                Post(
                    idempotencyKey: try container.decodeIfPresent(String.self, forKey: .idempotencyKey),
                    traceparent: try container.decodeIfPresent(String.self, forKey: .traceparent),
                    follows: try container.decodeIfPresent(Bool.self, forKey: .follow) ?? false))
        default:
            fields.report(.type, Self.types)
            throw fields.invalid
        }
        try fields.finish()
    }

    /// The name alone: also for a message that is otherwise wrong.
    struct Tag: Decodable {
        var id: String?

        private enum CodingKeys: String, CodingKey { case id }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            var fields = FieldReader(container)
            id = try fields.value(.id, "must be text of at most \(SocketLimits.maxIDBytes) bytes") {
                $0.utf8.count <= SocketLimits.maxIDBytes ? $0 : nil
            }
            try fields.finish()
        }
    }
}
