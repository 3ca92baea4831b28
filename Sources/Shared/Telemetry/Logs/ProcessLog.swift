package import Logging

/// The log of a program.
package enum ProcessLog {
    /// Once a process, before the first logger is made.
    /// - Parameters:
    ///   - dsn: where errors are reported to; one that is none is refused by `isDSN` beforehand.
    ///   - service: the program's name.
    /// - Returns: what has to run for the reports to be sent: before all others, so that it ends last.
    package static func start(
        level: Logger.Level, isJSON: Bool, dsn: String?, environment: String, service: String
    ) -> ErrorReporter? {
        let reports = dsn.flatMap { ErrorDestination(dsn: $0, environment: environment, release: release) }
            .map { ErrorReporter(destination: $0, service: service) }
        let format = isJSON ? LogFormat.json : .text
        LoggingSystem.bootstrap { LineLogHandler(label: $0, level: level, format: format, reports: reports) }
        return reports
    }

    package static func isDSN(_ text: String) -> Bool {
        ErrorDestination(dsn: text, environment: "", release: release) != nil
    }

    /// As the CHANGELOG counts.
    static let release = "0.1.0"
}
