import FoundationEssentials
import Logging
import NIOCore
import ServiceLifecycle
import Settings
import Telemetry

#if canImport(Glibc)
import Glibc
#endif

/// The gateway: accepts jobs, answers what became of them, and serves the page.
@main
enum Gateway {
    static func main() async {
        readArguments()
        var reader = SettingsReader.environment()
        do {
            let configuration = try GatewayConfiguration(from: &reader)
            try await run(configuration)
        } catch let invalid as InvalidSettings {
            end(78, "\(invalid)")  // EX_CONFIG of sysexits.h
        } catch let error as IOError {
            let reason = String(cString: strerror(error.errnoCode))
            end(1, "cannot listen: \(reason). Set HTTP_HOST and HTTP_PORT to an address of this machine that is free.")
        } catch {
            end(1, "\(error)")
        }
    }

    /// There are none but `--help`: everything is set by the environment.
    private static func readArguments() {
        guard let first = CommandLine.arguments.dropFirst().first else { return }
        let usage = "usage: gateway    Everything is set by environment variables; README lists them."
        if first == "--help" || first == "-h" {
            print(usage)
            exit(0)
        }
        end(64, "takes no arguments\n\(usage)")  // EX_USAGE
    }

    private static func end(_ status: Int32, _ message: String) -> Never {
        StandardError.write("gateway: \(message)\n")
        exit(status)
    }

    private static func run(_ configuration: GatewayConfiguration) async throws {
        let log = configuration.log
        let reports = ProcessLog.start(
            level: log.level, isJSON: log.isJSON, dsn: log.errorDSN, environment: log.errorEnvironment,
            service: "errand-gateway")
        let parts = try await GatewayParts(configuration, reports: reports, logger: Logger(label: "gateway"))
        try await parts.serviceGroup().run()
    }
}
