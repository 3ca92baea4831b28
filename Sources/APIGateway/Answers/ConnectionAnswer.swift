import Domain
import Providers
import Store

/// A connection as the API shows it. Never with a token.
struct ConnectionAnswer {
    let connection: Connection
    /// `nil`: its provider has been taken from the settings.
    let about: ProviderDescription?

    init(_ connection: Connection, _ catalog: ProviderCatalog) {
        self.connection = connection
        about = catalog[connection.provider]?.about
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writeFields(to: &$0) }
    }

    func writeFields(to object: inout JSONWriter) {
        object.field("id", connection.id.description)
        object.field("provider", connection.provider.rawValue)
        object.field("host", connection.host)
        object.field("account_name", connection.accountName)
        object.field("state", connection.state.rawValue)
        object.field("reason", connection.reason?.rawValue)
        object.field("message", message)
        object.key("scopes")
        object.array { array in for scope in connection.scopes { array.string(scope) } }
        object.key("features")
        object.array { array in
            for name in about?.features(grantedBy: connection.scopes) ?? [] { array.string(name) }
        }
        object.field("expires_at", connection.expiresAt)
        object.field("renewed_at", connection.renewedAt)
        object.field("connected_by", connection.connectedBy?.description)
        object.field("created_at", connection.createdAt)
    }

    private var title: String { about?.title ?? connection.provider.rawValue }

    /// The state in words for whoever has to do something about it.
    var message: String {
        switch connection.state {
        case .active where connection.failures > 0:
            "\(connected) \(title) could not be reached lately; it is tried again."
        case .active: connected
        case .needsReconnect: "Needs to be connected again: \(cause)."
        case .disconnecting: "Disconnecting: \(title) is being told that access has ended."
        }
    }

    private var connected: String {
        connection.accountName.isEmpty ? "Connected." : "Connected as \(connection.accountName)."
    }

    private var cause: String {
        switch connection.reason {
        case .refused: "\(title) withdrew access, or it was not used for too long"
        case .lostRotation: "an answer of \(title) got lost, and with it the new key"
        case .noRefreshToken: "\(title) gave access for a short time only, and that is over"
        case .unreadable: "what was stored of it cannot be read any more"
        case .sessionControl: "your organisation ends sessions at \(title) after some time"
        case .adminPolicy: "an administrator at \(title) does not allow it"
        default: "\(title) asks for your consent again"
        }
    }
}

extension ReconnectReason {
    /// As the providers' failures name them.
    fileprivate static let sessionControl = Self(rawValue: "session_control")
    fileprivate static let adminPolicy = Self(rawValue: "admin_policy")
}
