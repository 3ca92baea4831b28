import Foundation
import Logging
import Testing

@testable import Redis

/// The Redis that all tests share, named by TEST_REDIS_URL. Keys carry a random prefix.
enum TestRedis {
    static let logger: Logger = {
        var logger = Logger(label: "redis-tests")
        logger.logLevel = .critical
        return logger
    }()

    static func configuration() throws -> RedisConfiguration {
        let url = try #require(
            ProcessInfo.processInfo.environment["TEST_REDIS_URL"],
            "TEST_REDIS_URL is not set; it names the Redis to test against, for example redis://127.0.0.1:6379")
        return try RedisConfiguration(url: url)
    }

    static func client() throws -> RedisClient {
        RedisClient(configuration: try configuration(), logger: logger)
    }

    static func subscriber() throws -> RedisSubscriber {
        RedisSubscriber(configuration: try configuration(), logger: logger)
    }

    static func key() -> String { "errand-test:\(UUID().uuidString)" }
}

/// Waits until `condition` holds; looks again every few milliseconds, for state that Redis does not announce.
func eventually(
    within limit: Duration = .seconds(10), _ what: String, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("not within \(limit): \(what)")
}

/// The error that `body` throws as Redis' error.
func redisError(_ body: () async throws -> Void) async -> RedisError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? RedisError
    }
}

extension RedisError {
    /// The case alone, for comparisons that do not mind the payload.
    var label: String {
        switch self {
        case .configuration: "configuration"
        case .connect: "connect"
        case .server: "server"
        case .connectionLost: "connectionLost"
        case .timeout: "timeout"
        case .overloaded: "overloaded"
        case .closed: "closed"
        case .protocolViolation: "protocolViolation"
        }
    }
}
