import Domain
import Redis
import Settings
import Telemetry
import Vault

/// Everything that can be set from outside. README lists the variables.
struct GatewayConfiguration {
    var stores: StoreSettings
    /// `nil` only while the settings are being refused.
    var redis: RedisConfiguration?
    var log: LogSettings
    var host: String
    var port: Int
    var maxConnections: Int
    var idleSeconds: Int
    /// `nil`: tells nobody about itself.
    var metricsAddress: ListenAddress?
    /// Where a worker keeps mail instead of sending it; its mails are shown to everybody. `nil`: none are.
    var mailDirectory: String?
    /// `nil`: there are no accounts, only keys.
    var accounts: AccountSettings?
    /// `nil`: no accounts elsewhere can be connected.
    var connections: ConnectionConfiguration?
    var edge: EdgeSettings
    /// Those of tenants, and service keys, which are the operators'.
    var keys: KeyRing<TenantID>
    var sockets: SocketLimits
    /// `nil`: there is no API browser.
    var docs: DocsFiles?

    static let minKeyBytes = 16

    /// - Throws: `InvalidSettings`, naming every variable that is wrong.
    init(from reader: inout SettingsReader) throws {
        stores = StoreSettings(from: &reader, role: "errand_gateway")
        redis = reader.made("redis.url", of: stores.redisURL) { try RedisConfiguration(url: $0) }
        log = LogSettings(from: &reader, isDSN: ProcessLog.isDSN)
        host = reader.text("http.host", default: "127.0.0.1")
        port = reader.int("http.port", default: 8080, in: 0...65535)
        maxConnections = reader.int("http.max.connections", default: 10_000, in: 1...100_000)
        idleSeconds = reader.int("http.idle.seconds", default: 75, in: 1...3600)
        metricsAddress = reader.metricsAddress()
        mailDirectory = reader.optionalText("mail.directory")
        accounts = AccountSettings(from: &reader)
        connections = ConnectionConfiguration(from: &reader)
        edge = EdgeSettings(from: &reader)
        keys = Self.keys(from: &reader, areNeeded: accounts == nil)
        Self.addServiceKeys(to: &keys, from: &reader)
        sockets = SocketLimits(from: &reader)
        docs = DocsFiles.read(&reader)
        try reader.finish()
    }

    /// `tenant:key`, separated by commas.
    private static func keys(from reader: inout SettingsReader, areNeeded: Bool) -> KeyRing<TenantID> {
        var ring = KeyRing<TenantID>()
        let hint = "give <tenant uuid>:<key>, several separated by commas; nothing is open without a key or an account"
        let text = areNeeded ? reader.requiredText("api.keys", hint: hint) : reader.optionalText("api.keys") ?? ""
        for (index, entry) in text.split(separator: ",").enumerated() {
            let parts = entry.split(separator: ":", maxSplits: 1).map { $0.trimmingPrefix(while: \.isWhitespace) }
            guard parts.count == 2, let tenant = TenantID(parts[0]) else {
                reader.report("api.keys", "entry \(index + 1) must be <tenant uuid>:<key>")
                continue
            }
            if tenant == .operators {
                reader.report("api.keys", "entry \(index + 1) names the tenant that is reserved for SERVICE_KEYS")
            } else if parts[1].utf8.count < minKeyBytes {
                reader.report("api.keys", "entry \(index + 1) has a key shorter than \(minKeyBytes) characters")
            } else if !ring.add(String(parts[1]), for: tenant) {
                reader.report("api.keys", "entry \(index + 1) repeats a key")
            }
        }
        return ring
    }

    /// Keys for sweeps and queues, separated by commas.
    private static func addServiceKeys(to ring: inout KeyRing<TenantID>, from reader: inout SettingsReader) {
        let keys = (reader.optionalText("service.keys") ?? "").split(separator: ",")
        for (index, entry) in keys.enumerated() {
            let key = String(entry.trimmingPrefix(while: \.isWhitespace))
            if key.utf8.count < minKeyBytes {
                reader.report("service.keys", "entry \(index + 1) is shorter than \(minKeyBytes) characters")
            } else if !ring.add(key, for: .operators) {
                reader.report("service.keys", "entry \(index + 1) is a key of API_KEYS, or repeats one")
            }
        }
    }
}
