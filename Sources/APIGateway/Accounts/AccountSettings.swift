import Settings
import Vault

/// What can be set about people's accounts. README lists the variables.
struct AccountSettings: Sendable {
    /// The first one signs, all verify.
    var secrets: AuthSecrets
    /// A JWKS file with private keys: the first one signs, all verify.
    var keysFile: String
    /// `iss` of access tokens.
    var issuer: String
    var accessMinutes: Int
    var refreshGraceSeconds: Int
    var sessionDays: Int
    /// An address must be verified before its account can be used. Then nobody can find out who has an account.
    var requiresVerification: Bool
    var minPasswordCharacters: Int
    /// Hashes of breached passwords, in the order of their SHA-1. `nil`: none are known.
    var breachedPasswordsFile: String?
    var supabase: SupabaseSettings?

    /// `nil` when there are no accounts: neither AUTH_SECRET nor AUTH_KEYS_FILE is set.
    init?(from reader: inout SettingsReader) {
        let secret = reader.optionalText("auth.secret")
        let file = reader.optionalText("auth.keys.file")
        supabase = SupabaseSettings(from: &reader)
        issuer = reader.text("auth.issuer", default: "errand")
        accessMinutes = reader.int("auth.access.minutes", default: 15, in: 1...1440)
        refreshGraceSeconds = reader.int("auth.refresh.grace.seconds", default: 60, in: 0...3600)
        sessionDays = reader.int("auth.session.days", default: 30, in: 1...3650)
        minPasswordCharacters = reader.int("password.min.length", default: 8, in: 8...64)
        breachedPasswordsFile = reader.optionalText("breached.passwords.file")
        requiresVerification = Self.verification(&reader)
        guard secret != nil || file != nil || supabase != nil else { return nil }
        do {
            secrets = try AuthSecrets(secret ?? "")
        } catch {
            reader.report("auth.secret", "cannot be used: \(error). Give at least 32 random characters")
            return nil
        }
        keysFile = file ?? ""
        if file == nil {
            reader.report("auth.keys.file", "is not set: make a file of keys with `worker signing-keys new FILE`")
        }
    }

    private static func verification(_ reader: inout SettingsReader) -> Bool {
        switch reader.text("auth.verification", default: "required") {
        case "required": return true
        case "optional": return false
        default:
            reader.report("auth.verification", "must be required or optional")
            return true
        }
    }
}

/// Whose tokens are taken beside our own.
struct SupabaseSettings: Sendable {
    /// `https://<project>.supabase.co`, or that of one's own server.
    var url: String
    /// The secret of HS256 tokens. `nil`: only those signed by published keys are taken.
    var secret: String?

    init?(from reader: inout SettingsReader) {
        let secret = reader.optionalText("supabase.jwt.secret")
        guard let url = reader.optionalText("supabase.url") else {
            if secret != nil { reader.report("supabase.url", "is not set, but SUPABASE_JWT_SECRET is") }
            return nil
        }
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.secret = secret
        if !url.hasPrefix("https://"), !url.hasPrefix("http://127.0.0.1"), !url.hasPrefix("http://localhost") {
            reader.report("supabase.url", "must be an https URL such as https://project.supabase.co")
        }
        if let secret, secret.utf8.count < 32 {
            reader.report("supabase.jwt.secret", "must have at least 32 characters")
        }
    }
}
