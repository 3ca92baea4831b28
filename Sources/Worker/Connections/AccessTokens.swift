import Domain
import FoundationEssentials
import Jobs
import Store
import Vault

/// Access tokens for handlers that call a provider. Whoever gets none throws what is thrown here: the job then goes on
/// by itself when there is one.
struct AccessTokens: Sendable {
    let connections: Connections
    let intake: JobIntake

    /// How long a token must still be good for, in seconds.
    static let leastSeconds = 60.0

    struct Access: Sendable {
        let token: String
        /// What to `reject` when the provider takes the token not.
        let version: Int
        /// At the provider.
        let accountID: String
    }

    /// A token that is good for a minute. Otherwise a renewal is made sure of, ahead of others.
    /// - Parameter waits: how often the job has waited before: each time is longer, so that a renewal may take an hour.
    /// - Throws: `Failure`: a snooze while a renewal is under way; `needsReconnect` when it takes a person; `permanent`
    ///   when the connection is gone, or is going.
    func access(to id: ConnectionID, tenant: TenantID, waits: Int) async throws -> Access {
        let opened = try await opened(id, tenant, waits)
        let connection = opened.connection
        switch connection.state {
        case .disconnecting: throw Failure.connectionMissing
        case .needsReconnect: throw Failure.needsReconnect(id)
        case .active: break
        }
        let left = connection.expiresAt?.timeIntervalSinceNow ?? .infinity
        if let token = opened.accessToken, left > Self.leastSeconds {
            return Access(token: token, version: connection.tokenVersion, accountID: connection.accountID)
        }
        throw try await renewal(of: connection, waits)
    }

    /// After a provider refused the access token of a version: it is renewed, however good it looks.
    /// - Returns: what the handler throws.
    func reject(_ version: Int, of id: ConnectionID, tenant: TenantID, waits: Int) async throws -> Failure {
        try await connections.reject(version, of: id, tenant: tenant)
        do {
            let connection = try await connections.find(id, tenant: tenant)
            return connection.state == .active
                ? try await renewal(of: connection, waits, replacing: version) : Self.snooze(seconds: 1)
        } catch ConnectionError.notFound {
            return .connectionMissing
        }
    }

    private func opened(_ id: ConnectionID, _ tenant: TenantID, _ waits: Int) async throws -> Connections.Opened {
        do {
            return try await connections.open(id, tenant: tenant)
        } catch ConnectionError.notFound {
            throw Failure.connectionMissing
        } catch SealingError.unknownMasterKey(let key) {
            throw Failure.masterKeyMissing(key)
        } catch is SealingError {
            // The renewal finds the same, and says that it takes a person.
            let connection = try await connections.find(id, tenant: tenant)
            if connection.state == .needsReconnect { throw Failure.needsReconnect(id) }
            throw try await renewal(of: connection, waits)
        }
    }

    /// Makes sure that a renewal runs or waits; one that was to start later starts now.
    private func renewal(
        of connection: Connection, _ waits: Int, replacing version: Int? = nil
    ) async throws -> Failure {
        let work = RenewToken(connection.id, tokenVersion: version ?? connection.tokenVersion)
        var specification = try work.specification(priority: .urgent)
        specification.unique?.onConflict = .replace
        _ = try await intake.accept(NewJob(tenant: connection.tenant, specification: specification))
        return Self.snooze(seconds: Self.pauseSeconds(after: max(waits, connection.failures)))
    }

    /// A second; up to a minute while none comes, or renewals fail, so that an outage of an hour ends no job.
    private static func pauseSeconds(after times: Int) -> Double {
        times > 5 ? 60 : Double(1 << max(times, 0))
    }

    private static func snooze(seconds: Double) -> Failure {
        Failure(
            .retry, code: "token_renewing", message: "The account's access is being renewed.",
            retryAfterSeconds: seconds, burnsAttempt: false)
    }
}

extension Failure {
    static let connectionMissing = Failure(
        .permanent, code: "connection_missing", message: "The account is not connected any more.")

    /// Another worker may know it, or this one soon.
    static func masterKeyMissing(_ id: String) -> Failure {
        Failure(.retry, code: "master_key_missing", message: "This worker does not know the master key \(id).")
    }
}
