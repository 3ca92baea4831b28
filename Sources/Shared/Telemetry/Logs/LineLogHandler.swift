internal import Glibc
internal import Logging
internal import Synchronization

/// Writes records to standard error, a line each, and hands those that somebody should look at to the error reports.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level
    private let label: String
    private let format: LogFormat
    private let reports: ErrorReporter?

    /// - Parameter reports: `nil`: nobody is told.
    init(label: String, level: Logger.Level, format: LogFormat, reports: ErrorReporter?) {
        self.label = label
        self.format = format
        self.reports = reports
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadataProvider.map { metadata.merging($0.get()) { own, _ in own } } ?? metadata
        if let more = event.metadata { all.merge(more) { _, new in new } }
        let record = LogRecord(event, label: label, metadata: all)
        Self.write(format.line(record) + [10])
        if event.level >= .error { reports?.report(record, file: event.file, line: Int(event.line)) }
    }

    /// Lines of different threads do not mix.
    private static let turn = Mutex(())

    private static func write(_ line: [UInt8]) {
        turn.withLock { _ in
            var rest = line[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
                if count < 0 && errno == EINTR { continue }
                // Nothing can be done about a standard error that is closed.
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }
}
