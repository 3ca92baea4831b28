import FoundationEssentials

/// Decides when another issuer's published keys are got, and which of them are believed. Pure: the clock and what was
/// fetched come in, the next step goes out.
///
/// - A set is fresh for 10 minutes. After that it is fetched again, and believed for 10 more if that fails: a key that
///   its issuer took away is gone after 20 minutes, whatever happens.
/// - An unknown key makes it be fetched at once, but at most every 30 seconds.
/// - One fetch at a time.
struct KeySchedule {
    static let freshSeconds = 600.0
    static let believedSeconds = 1200.0
    static let retrySeconds = 30.0

    enum Step {
        case use(JSONWebKey)
        case refuse(TokenRefusal)
        /// The caller fetches, and says `fetched` or `abandoned` when it is done, whatever happens.
        case fetch
        /// Somebody fetches; ask again when that is done.
        case wait
    }

    private var keys: [String: JSONWebKey] = [:]
    private var fetchedAt: Date?
    private var attemptedAt: Date?
    private var lastFailed = false
    private(set) var isFetching = false
    /// Rises whenever there are other keys.
    private(set) var version: UInt64 = 1

    mutating func step(kid: String, now: Date) -> Step {
        let age = Self.seconds(fetchedAt, now)
        let known = age < Self.believedSeconds ? keys[kid] : nil
        if let known, age < Self.freshSeconds || isFetching || !mayFetch(now) { return .use(known) }
        if isFetching { return .wait }
        if mayFetch(now) {
            isFetching = true
            return .fetch
        }
        return .refuse(age < Self.believedSeconds && !lastFailed ? .unknownKey : .keysUnavailable)
    }

    /// Whether it is one of the issuer's published keys, as far as is known.
    func isPublished(_ kid: String) -> Bool { keys[kid] != nil }

    /// - Parameter fetched: `nil` when it failed.
    mutating func fetched(_ fetched: [String: JSONWebKey]?, now: Date) {
        isFetching = false
        attemptedAt = now
        lastFailed = fetched == nil
        guard let fetched else { return }
        fetchedAt = now
        if fetched.mapValues(\.thumbprint) != keys.mapValues(\.thumbprint) { version += 1 }
        keys = fetched
    }

    /// Whoever fetched was cancelled: as if nobody had tried.
    mutating func abandoned() { isFetching = false }

    private func mayFetch(_ now: Date) -> Bool { Self.seconds(attemptedAt, now) >= Self.retrySeconds }

    /// A clock that went back counts as one that went on: better to ask once too often.
    private static func seconds(_ since: Date?, _ now: Date) -> Double {
        since.map { abs(now.timeIntervalSince($0)) } ?? .infinity
    }
}
