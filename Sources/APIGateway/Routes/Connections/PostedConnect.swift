import Domain
import Hummingbird

/// What somebody wants to connect. All of it may be left out, also the body.
struct PostedConnect: Decodable {
    private(set) var features: [String] = []
    /// Where a provider has many installations.
    private(set) var host: String?
    private(set) var returnTo: String?
    /// To be connected again, or for more.
    private(set) var connection: ConnectionID?

    static let maxFeatures = 20

    private enum CodingKeys: String, CodingKey {
        case features, host
        case returnTo = "return_to"
        case connection = "connection_id"
    }

    private init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        var fields = FieldReader(container)
        features = try container.decodeIfPresent([String].self, forKey: .features) ?? []
        if features.count > Self.maxFeatures { fields.report(.features, "must be at most \(Self.maxFeatures)") }
        let host = try fields.value(.host, "must be a host name", PlainText.line(upTo: 253))
        self.host = host?.lowercased()
        returnTo = try container.decodeIfPresent(String.self, forKey: .returnTo)
        connection = try fields.value(.connection, "must be a connection's id") { ConnectionID($0) }
        try fields.finish()
    }

    static func read(_ request: Request) async throws -> PostedConnect {
        let bytes = try await BodyReader.bytes(request)
        return bytes.isEmpty ? PostedConnect() : try BodyReader.decode(PostedConnect.self, from: bytes)
    }
}
