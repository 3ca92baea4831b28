import Settings

/// The limits there are, by the name clients see.
enum RatePolicy: String, CaseIterable, Sendable {
    /// Everything from one address, except with a valid API key.
    case ip
    /// Everything a person does.
    case user
    /// Everything done with one API key.
    case key
    /// Attempts to sign in, and what else can be guessed at, from one address.
    case login
    /// Signing up and asking for mails, from one address.
    case mail
    /// Either of them for one account, wherever from.
    case account
    /// What starts work: for a person.
    case execute
    /// What providers tell, from one address; not counted against `ip`.
    case webhook
}

/// Which limits are in force. A policy that is missing is off.
struct RateLimits: Sendable {
    var limits: [RatePolicy: RateLimit] = [:]
    /// What happens while Redis is away: requests pass, or get 503.
    var passWithoutRedis = true

    subscript(policy: RatePolicy) -> RateLimit? { limits[policy] }

    static let defaults: [(policy: RatePolicy, setting: String, limit: RateLimit)] = [
        (.ip, "ip", RateLimit(100, per: 60)), (.user, "user", RateLimit(60, per: 60)),
        (.key, "key", RateLimit(6_000, per: 60)), (.login, "login", RateLimit(5, per: 60)),
        (.execute, "execute", RateLimit(30, per: 60)), (.webhook, "webhook", RateLimit(6_000, per: 60)),
    ]

    static let off = RateLimits()

    private init() {}

    /// RATE_LIMIT_IP and its like. The limits of mails and accounts are that of logins.
    init(from reader: inout SettingsReader) {
        for (policy, setting, standard) in Self.defaults {
            let name = "rate.limit.\(setting)"
            guard let text = reader.optionalText(name) else {
                limits[policy] = standard
                continue
            }
            if text == "off" { continue }
            limits[policy] = RateLimit(text)
            if limits[policy] == nil {
                reader.report(
                    name, "must be requests and seconds such as \(standard.quota)/\(standard.seconds), or off")
            }
        }
        limits[.mail] = limits[.login]
        limits[.account] = limits[.login]
        switch reader.text("rate.limit.without.redis", default: "open") {
        case "open": passWithoutRedis = true
        case "closed": passWithoutRedis = false
        default: reader.report("rate.limit.without.redis", "must be open or closed")
        }
    }
}
