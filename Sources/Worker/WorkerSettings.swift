import ArgumentParser
import HTTPTransport
import Jobs
import Logging
import Providers
import Redis
import Settings
import Store
import Telemetry

/// Everything of the worker that can be set from outside. README lists the variables.
struct WorkerSettings {
    var stores: StoreSettings
    /// `nil` only while the settings are being refused.
    var redis: RedisConfiguration?
    var log: LogSettings
    var drainSeconds: Int
    var deadAfterSeconds: Double
    var quarantineAfter: Int
    /// `nil`: tells nobody about itself.
    var metricsAddress: ListenAddress?
    var retention: RetentionPeriods
    var accountPeriods = AccountPeriods()
    var modelBaseURL: String
    var modelKey: String?
    var modelName: String
    var contextTokens: Int
    var maxOutputTokens: Int
    var systemPrompt: String
    /// `nil`: sends none.
    var mail: MailSettings?
    /// `nil`: nothing can be connected.
    var connections: ConnectionSettings?
    var renewals: RenewalSettings
    var calendars: CalendarSettings
    var calendarQuota: QuotaLimits

    init(from reader: inout SettingsReader) throws {
        stores = StoreSettings(from: &reader, role: "errand_worker")
        redis = reader.made("redis.url", of: stores.redisURL) { try RedisConfiguration(url: $0) }
        log = LogSettings(from: &reader, isDSN: ProcessLog.isDSN)
        drainSeconds = reader.int("worker.drain.seconds", default: 30, in: 0...3600)
        deadAfterSeconds = reader.double("worker.dead.after.seconds", default: 3.75, in: 2...300)
        metricsAddress = reader.metricsAddress()
        retention = Self.retention(&reader)
        accountPeriods.auditHours = reader.int(
            "retention.audit.hours", default: accountPeriods.auditHours, in: AccountPeriods.limits)
        quarantineAfter = reader.int("worker.quarantine.after", default: 3, in: 1...100)
        modelBaseURL = reader.text("llm.base.url", default: "http://127.0.0.1:8081/v1")
        Self.check(modelBaseURL, &reader)
        modelKey = reader.optionalText("llm.api.key")
        modelName = reader.text("llm.model", default: "default")
        contextTokens = reader.int("llm.context.tokens", default: 2048, in: 256...4_000_000)
        maxOutputTokens = reader.int("llm.max.output.tokens", default: 512, in: 1...1_000_000)
        systemPrompt = reader.text("llm.system.prompt", default: "You are a helpful assistant. Answer briefly.")
        mail = MailSettings.read(&reader)
        connections = ConnectionSettings.read(&reader, providers: ProviderCatalog.names)
        renewals = RenewalSettings(from: &reader)
        calendars = CalendarSettings(from: &reader)
        calendarQuota = QuotaLimits(from: &reader)
        if maxOutputTokens >= contextTokens {
            reader.report(
                "llm.max.output.tokens", "must be less than LLM_CONTEXT_TOKENS, which holds question and answer")
        }
        try reader.finish()
    }

    static func retention(_ reader: inout SettingsReader) -> RetentionPeriods {
        var periods = RetentionPeriods()
        let limits = RetentionPeriods.limits
        periods.succeeded = reader.int("retention.succeeded.hours", default: periods.succeeded, in: limits)
        periods.cancelled = reader.int("retention.cancelled.hours", default: periods.cancelled, in: limits)
        periods.failed = reader.int("retention.failed.hours", default: periods.failed, in: limits)
        periods.discarded = reader.int("retention.discarded.hours", default: periods.discarded, in: limits)
        periods.records = reader.int("retention.records.hours", default: periods.records, in: limits)
        return periods
    }

    private static func check(_ modelBaseURL: String, _ reader: inout SettingsReader) {
        do {
            _ = try HTTPTarget(url: modelBaseURL)
        } catch {
            reader.report("llm.base.url", "must be an http or https URL such as https://api.openai.com/v1")
        }
    }

    /// Reads the environment; on a mistake, says what is wrong and ends the process with EX_CONFIG.
    static func read() throws -> WorkerSettings {
        var reader = SettingsReader.environment()
        return try ExitCode.orThrow { try WorkerSettings(from: &reader) }
    }

    /// - Returns: the program's logger, and what reports its errors, if anything does.
    func startLogging() -> (logger: Logger, reports: ErrorReporter?) {
        let reports = ProcessLog.start(
            level: log.level, isJSON: log.isJSON, dsn: log.errorDSN, environment: log.errorEnvironment,
            service: "errand-worker")
        return (Logger(label: "worker"), reports)
    }
}

extension ExitCode {
    /// EX_CONFIG of sysexits.h.
    static let configuration = ExitCode(78)

    /// Turns invalid settings into a message and an exit code, rather than a usage text that does not help.
    static func orThrow<Value>(_ read: () throws -> Value) throws -> Value {
        do {
            return try read()
        } catch let invalid as InvalidSettings {
            StandardError.write("worker: \(invalid)\n")
            throw ExitCode.configuration
        }
    }
}
