package import Logging

/// What a process says, how, and who else hears of errors.
package struct LogSettings: Sendable {
    package var level: Logger.Level
    /// One JSON object a line instead of text.
    package var isJSON: Bool
    /// SENTRY_DSN as it is set; whoever reports says whether it is one.
    package var errorDSN: String?
    /// What error reports call this installation.
    package var errorEnvironment: String

    package init(from reader: inout SettingsReader) {
        level = StoreSettings.logLevel(from: &reader)
        let format = reader.text("log.format", default: "text")
        if format != "text", format != "json" { reader.report("log.format", "must be text or json") }
        isJSON = format == "json"
        errorDSN = reader.optionalText("sentry.dsn")
        errorEnvironment = reader.text("sentry.environment", default: "production")
    }
}
