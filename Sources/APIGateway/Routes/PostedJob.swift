import Domain

/// The body of `POST /api/v1/jobs`.
struct PostedJob: Decodable {
    let specification: JobSpecification

    private enum CodingKeys: String, CodingKey { case kind, queue, payload }

    /// The kinds anybody may post, and how each reads its payload. Chat answers have a route of their own, because they
    /// come with a message.
    private typealias Read = @Sendable (KeyedDecodingContainer<CodingKeys>) throws -> any Command
    private static let kinds: [String: Read] = [
        Noop.kind.rawValue: { try $0.decodeIfPresent(Noop.self, forKey: .payload) ?? Noop() }
    ]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let kind = try container.decode(String.self, forKey: .kind)
        guard let read = Self.kinds[kind] else {
            let known = Self.kinds.keys.sorted().joined(separator: ", ")
            throw InvalidCommand(field: "kind", "is not one of: \(known)")
        }
        let queue = try container.decodeIfPresent(String.self, forKey: .queue).map { name in
            guard let queue = QueueName(name) else {
                throw InvalidCommand(
                    field: "queue", "must be 1 to 63 lower-case letters, digits, _ or -, starting with a letter")
            }
            return queue
        }
        specification = try read(container).specification(queue: queue)
    }
}
