import Foundation
import Hummingbird
import Logging
import NIOCore

/// The providers outside, failing on demand: an LLM that speaks OpenAI's chat completions protocol, and the OAuth
/// endpoints of Google, Microsoft, Notion and Canvas, and Google Calendar. For tests and demonstrations only.
///
///     provider-simulator [--port N] [--host ADDRESS] [--api-key KEY] [--models A,B] [--tokens N]
///                        [--delay-ms N] [--first-byte-ms N] [--redirect-uri URI]… [--seed TEXT]
///                        [--allow-http-notifications] [--exit-with-stdin]
///
/// Port 0 takes any free port; `listening on 127.0.0.1:PORT` on stdout says which. Answers echo the last user message.
/// `--exit-with-stdin` ends the process when its standard input closes, that is, with the test that started it.
/// Faults: `Fault` lists them; ask for one with `POST /_simulator/faults` or inside a message with
/// `[[sim: tokens=200 delay_ms=20 fault=cut_after:7 times=1]]`.
///
/// OAuth: `OAuthControlRoutes` lists the control calls. With `--redirect-uri` the client `simulated-client` with the
/// secret `simulated-secret` is registered at every provider from the start. `--seed` makes tokens the same in every
/// run.
///
/// Google Calendar: `CalendarControlRoutes` lists the control calls; people see and change calendars at
/// `/_simulator/calendar/`. With `--allow-http-notifications` channels may have plain http addresses on this machine.
@main
struct ProviderSimulator {
    var host = "127.0.0.1"
    var port = 0
    var apiKey: String?
    var models: [String]?
    /// Registered for the client that is there from the start.
    var redirectURIs: [String] = []
    /// nil: tokens of its own in every run.
    var seed: String?
    var exitsWithStandardInput = false
    var allowsPlainNotifications = false
    var defaults = Behaviour()

    static func main() async throws {
        do {
            try await ProviderSimulator(arguments: Array(CommandLine.arguments.dropFirst())).run()
        } catch let error as Usage {
            FileHandle.standardError.write(Data("provider-simulator: \(error.reason)\n".utf8))
            exit(64)
        }
    }

    func run() async throws {
        if exitsWithStandardInput {
            Thread.detachNewThread {
                while !FileHandle.standardInput.availableData.isEmpty {}
                exit(0)
            }
        }
        let rules = FaultRules(defaults: defaults)
        let log = RequestLog()
        let router = Router(context: SimulatorContext.self)
        router.add(middleware: OpenAIHeaders())
        router.add(middleware: UnknownURLs())
        ChatRoutes(apiKey: apiKey, models: models, rules: rules, log: log).add(to: router)
        ControlRoutes(rules: rules, log: log).add(to: router)
        let accounts = Accounts(seed: seed, clients: clients)
        OAuthServer(accounts: accounts, key: try SigningKey()).add(to: router)
        let calendar = CalendarServer(accounts: accounts, allowsPlainNotifications: allowsPlainNotifications)
        calendar.add(to: router)
        var logger = Logger(label: "provider-simulator")
        logger.logLevel = .error
        let application = Application(
            router: router,
            server: .http1(configuration: .init(additionalChannelHandlers: [CloseWatch()])),
            configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { channel in
                let line = "listening on \(host):\(channel.localAddress?.port ?? port)\n"
                FileHandle.standardOutput.write(Data(line.utf8))
            },
            logger: logger)
        // No graceful shutdown: a test's endless answer must not outlive SIGTERM.
        try await withThrowingTaskGroup { group in
            group.addTask { await calendar.sender.run() }
            try await application.run()
            group.cancelAll()
        }
    }
}

extension ProviderSimulator {
    private var clients: [RegisteredClient] {
        if redirectURIs.isEmpty { return [] }
        return ProviderKind.allCases.map { kind in
            RegisteredClient(
                provider: kind, id: "simulated-client", secret: "simulated-secret", redirectURIs: redirectURIs)
        }
    }

    struct Usage: Error { var reason: String }

    init(arguments: [String]) throws {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--exit-with-stdin" {
                exitsWithStandardInput = true
                continue
            }
            if name == "--allow-http-notifications" {
                allowsPlainNotifications = true
                continue
            }
            guard let value = rest.popFirst() else { throw Usage(reason: "\(name) needs a value") }
            switch name {
            case "--host": host = value
            case "--api-key": apiKey = value
            case "--models": models = value.split(separator: ",").map(String.init)
            case "--redirect-uri": redirectURIs.append(value)
            case "--seed": seed = value
            case "--port": port = try Self.number(name, value)
            case "--tokens": defaults.tokens = try Self.number(name, value)
            case "--delay-ms": defaults.delayMilliseconds = try Self.number(name, value)
            case "--first-byte-ms": defaults.firstByteMilliseconds = try Self.number(name, value)
            default: throw Usage(reason: "unknown option \(name)")
            }
        }
    }

    private static func number(_ name: String, _ value: String) throws -> Int {
        guard let number = Int(value), number >= 0 else { throw Usage(reason: "\(name) takes a number") }
        return number
    }
}

struct SimulatorContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
