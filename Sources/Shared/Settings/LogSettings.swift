package import Logging

/// What a process says, how, and who else hears of errors.
package struct LogSettings: Sendable {
    package var level: Logger.Level
    /// One JSON object a line instead of text.
    package var isJSON: Bool
    /// SENTRY_DSN.
    package var errorDSN: String?
    /// What error reports call this installation.
    package var errorEnvironment: String

    /// - Parameter isDSN: whether errors can be reported there.
    package init(from reader: inout SettingsReader, isDSN: (String) -> Bool) {
        level = StoreSettings.logLevel(from: &reader)
        let format = reader.text("log.format", default: "text")
        if format != "text", format != "json" { reader.report("log.format", "must be text or json") }
        isJSON = format == "json"
        errorDSN = reader.optionalText("sentry.dsn")
        if let errorDSN, !isDSN(errorDSN) {
            reader.report("sentry.dsn", "must be a DSN such as https://<public key>@sentry.example.com/<project>")
        }
        errorEnvironment = reader.text("sentry.environment", default: "production")
    }
}
