import ArgumentParser
import Domain
import FoundationEssentials
import HTTPTransport
import Jobs
import Logging
import Postgres
import Redis
import ServiceLifecycle
import Settings
import Telemetry
import UnixSignals
import Vault

#if canImport(Glibc)
import Glibc
#endif

/// `worker run`: takes jobs until SIGTERM or SIGINT, then drains.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Take and run jobs until SIGTERM, then drain.",
        discussion: "On SIGTERM no more jobs are taken; what still runs after WORKER_DRAIN_SECONDS is handed back.")

    @Option(help: "The queues to serve, separated by commas.")
    var queues = "chat,default,mail,tokens,calendars"

    @Option(help: "Attempts at once, over all queues (1 to 10000).")
    var concurrency = 32

    func validate() throws {
        guard (1...10_000).contains(concurrency) else { throw ValidationError("--concurrency must be 1 to 10000") }
        _ = try queueNames()
    }

    private func queueNames() throws -> [QueueName] {
        let names = queues.split(separator: ",", omittingEmptySubsequences: false).map { text in
            QueueName(String(text.filter { !$0.isWhitespace }))
        }
        guard !names.contains(nil) else {
            throw ValidationError(
                "--queues takes names of lower-case letters, digits, _ and -, such as: --queues chat,default"
            )
        }
        var seen = Set<QueueName>()
        return names.compactMap { $0 }.filter { seen.insert($0).inserted }
    }

    func run() async throws {
        let settings = try WorkerSettings.read()
        let (logger, reports) = settings.startLogging()
        let parts = try await parts(settings, logger, reports)
        try await parts.serviceGroup().run()
        logger.info("worker stopped")
    }

    private func parts(_ settings: WorkerSettings, _ logger: Logger, _ reports: ErrorReporter?) async throws
        -> WorkerParts
    {
        do {
            return try await WorkerParts(
                settings: settings, queues: queueNames(), concurrency: concurrency, logger: logger, reports: reports)
        } catch let error as VaultError {
            StandardError.write("worker: the master keys cannot be used: \(error)\n")
            throw ExitCode.configuration
        }
    }
}
