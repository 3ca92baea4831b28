import Domain
import Foundation
import HTTPTransport
import Jobs
import Postgres
import TestSupport

/// Gateway, workers and simulated provider as processes, over one test's own schema and key prefix.
final class TestSystem: Sendable {
    let stores: TestStores
    let redisURL: String
    let simulator: ServerProcess
    let providerURL: String
    let transport: HTTPTransport
    let tenant = TenantID.make()
    let owner: PostgresPool

    private init(stores: TestStores, redisURL: String?, transport: HTTPTransport, owner: PostgresPool) async throws {
        self.stores = stores
        self.redisURL = redisURL ?? stores.redisURL
        self.transport = transport
        self.owner = owner
        simulator = try ServerProcess("ProviderSimulator", ["--port", "0", "--allow-http-notifications"])
        let line = await simulator.line { $0.hasPrefix("listening on ") }
        guard let line, let port = line.split(separator: ":").last else { throw NotStarted(simulator) }
        providerURL = "http://127.0.0.1:\(port)"
    }

    struct NotStarted: Error, CustomStringConvertible {
        let description: String
        init(_ process: ServerProcess) {
            description = "\(process.name) did not start: \(process.lines.suffix(5).joined(separator: "\n"))"
        }
    }

    /// A system for the time of a body; whatever still runs afterwards is killed.
    static func with(redisURL: String? = nil, _ body: @Sendable (TestSystem) async throws -> Void) async throws {
        let stores = try await TestStores.make()
        let transport = HTTPTransport(
            configuration: HTTPTransportConfiguration(egress: .any), logger: TestStores.silent)
        let owner = PostgresPool(
            configuration: PostgresConfiguration(url: stores.databaseURL(as: nil), poolSize: 2),
            logger: TestStores.silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await transport.run() }
            group.addTask { try await owner.run() }
            defer { group.cancelAll() }
            let system = try await TestSystem(stores: stores, redisURL: redisURL, transport: transport, owner: owner)
            let result: Result<Void, any Error>
            do { result = .success(try await body(system)) } catch { result = .failure(error) }
            await system.stop()
            try result.get()
        }
        try await stores.drop()
    }

    private let processes = Processes()

    /// - Parameter settings: environment variables on top of the usual ones.
    func startGateway(_ settings: [String: String] = [:]) async throws -> (process: ServerProcess, client: APIClient) {
        let key = "test-key-0123456789"
        let environment = [
            "DATABASE_URL": stores.databaseURL(as: "errand_gateway"), "HTTP_PORT": "0", "API_KEYS": "\(tenant):\(key)",
        ].merging(Self.roomyLimits) { $1 }
        let gateway = try start("gateway", [], environment.merging(settings) { $1 })
        guard let line = await gateway.line({ $0.contains("listening") && $0.contains("address") }),
            let address = line.firstMatch(of: /address"?[=:]"?([0-9.:]+)/)
        else { throw NotStarted(gateway) }
        return (gateway, APIClient(transport: transport, base: "http://\(address.1)", key: key))
    }

    /// Limits are counted but not reached: one test is many clients at one address.
    private static let roomyLimits = [
        "RATE_LIMIT_IP": "1000000/60", "RATE_LIMIT_USER": "1000000/60", "RATE_LIMIT_KEY": "1000000/60",
        "RATE_LIMIT_LOGIN": "1000000/60", "RATE_LIMIT_EXECUTE": "1000000/60",
        "HTTP_MAX_CONNECTIONS_PER_ADDRESS": "100000", "STREAMS_PER_CALLER": "100000",
    ]

    func startWorker(
        queues: String = "chat,default", concurrency: Int = 16, _ settings: [String: String] = [:]
    ) async throws -> ServerProcess {
        let environment = [
            "DATABASE_URL": stores.databaseURL(as: "errand_worker"), "LLM_BASE_URL": providerURL + "/v1",
            "LLM_MODEL": "simulated", "LOG_LEVEL": "debug",
        ]
        let arguments = ["run", "--queues", queues, "--concurrency", "\(concurrency)"]
        let worker = try start("worker", arguments, environment.merging(settings) { $1 })
        guard await worker.line({ $0.contains("worker runs") }) != nil else { throw NotStarted(worker) }
        return worker
    }

    /// Runs an operator's command as the worker's role, to its end.
    func operate(_ arguments: String...) async throws -> (status: Int32, output: String) {
        try await operate(arguments, input: nil)
    }

    /// - Parameter input: what the command reads from standard input.
    func operate(
        _ arguments: [String], input: String?, _ settings: [String: String] = [:]
    ) async throws -> (status: Int32, output: String) {
        let environment = ["DATABASE_URL": stores.databaseURL(as: "errand_worker")].merging(settings) { $1 }
        let process = try start("worker", arguments, environment, input: input)
        let status = await process.exit()
        return (status, process.lines.joined(separator: "\n"))
    }

    private func start(
        _ program: String, _ arguments: [String], _ environment: [String: String], input: String? = nil
    ) throws -> ServerProcess {
        let common = ["REDIS_URL": redisURL, "REDIS_PREFIX": stores.prefix]
        let process = try ServerProcess(
            program, arguments, environment: common.merging(environment) { $1 }, input: input)
        processes.add(process)
        return process
    }

    private func stop() async {
        for process in processes.all + [simulator] { await process.killNow() }
    }

    /// What gateways, workers and commands have said so far.
    var said: String { processes.all.flatMap(\.lines).joined(separator: "\n") }

    /// Which of the processes runs a job now, by the worker's row.
    func worker(running job: JobID, of workers: [ServerProcess]) async throws -> ServerProcess? {
        let statement = Statement(
            "test.runner", "SELECT workers.pid FROM jobs JOIN workers ON workers.id = worker_id WHERE jobs.id = $1")
        let row = try await owner.query(statement, [.uuid(job.uuid)]).first
        let processID = try row?.int(0)
        return workers.first { Int($0.processID) == processID }
    }

    /// One number from the database.
    func count(_ sql: String) async throws -> Int {
        try await owner.query(Statement("test.count.\(sql.hashValue)", sql))[0].int(0)
    }

    /// Requests the provider saw whose messages hold a text; waits for the first up to ten seconds.
    func providerRequests(_ mark: String, _ query: String = "") async throws -> [ProviderRequest] {
        struct Page: Decodable { var requests: [ProviderRequest] }
        let response = try await transport.send(
            HTTPRequest(url: "\(providerURL)/_simulator/requests?wait=10&match=\(mark)\(query)"))
        return try JSONDecoder().decode(Page.self, from: Data(try await response.body.collect(upTo: 8 << 20))).requests
    }

    struct ProviderRequest: Decodable, Sendable {
        struct Message: Decodable, Sendable {
            var role: String
            var content: String
        }
        var messages: [Message]
        var traceparent: String?
        var at: Double
        var client_closed_at: Double?
    }
}

/// The processes of one system, to be killed at its end.
private final class Processes: Sendable {
    private let list = Box<[ServerProcess]>([])
    var all: [ServerProcess] { list.value }
    func add(_ process: ServerProcess) { list.change { $0.append(process) } }
}
