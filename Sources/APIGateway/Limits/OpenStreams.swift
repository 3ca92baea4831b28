import Domain
import HTTPTypes
import Settings
import Synchronization

/// Streams and waits that are open: each holds a connection and a subscription for as long as its reader likes.
final class OpenStreams: Sendable {
    private struct State {
        var total = 0
        var callers: [RateLimiter.Subject: Int] = [:]
    }

    /// Holds one place until it is let go of.
    final class Place: Sendable {
        private let caller: RateLimiter.Subject
        private let streams: OpenStreams

        fileprivate init(_ caller: RateLimiter.Subject, _ streams: OpenStreams) {
            (self.caller, self.streams) = (caller, streams)
        }

        deinit { streams.leave(caller) }
    }

    private let state = Mutex(State())
    let perCaller: Int
    let limit: Int

    init(perCaller: Int = 100, limit: Int = 20_000) {
        (self.perCaller, self.limit) = (perCaller, limit)
    }

    convenience init(from reader: inout SettingsReader) {
        self.init(
            perCaller: reader.int("streams.per.caller", default: 100, in: 1...100_000),
            limit: reader.int("streams.max", default: 20_000, in: 1...1_000_000))
    }

    var open: Int { state.withLock { $0.total } }

    /// - Throws: `Problem`: 429 when the caller has too many, 503 when all together have.
    func enter(_ principal: Principal) throws -> Place {
        let caller = principal.subject
        let refusal: Problem? = state.withLock { state in
            if state.callers[caller, default: 0] >= perCaller { return Self.tooMany(perCaller) }
            if state.total >= limit { return .overloaded("As many streams are open as there can be.", after: 5) }
            state.callers[caller, default: 0] += 1
            state.total += 1
            return nil
        }
        if let refusal { throw refusal }
        return Place(caller, self)
    }

    private func leave(_ caller: RateLimiter.Subject) {
        state.withLock { state in
            state.total -= 1
            let left = (state.callers[caller] ?? 1) - 1
            state.callers[caller] = left > 0 ? left : nil
        }
    }

    private static func tooMany(_ limit: Int) -> Problem {
        var problem = Problem(
            status: .tooManyRequests, code: "too_many_streams",
            detail: "\(limit) streams and waits of yours are open already. End one first.",
            headers: [
                .retryAfter: "5", .rateLimitPolicy: "\"streams\";q=\(limit);qu=\"concurrent-requests\"",
                .rateLimit: "\"streams\";r=0",
            ])
        problem.type = "https://iana.org/assignments/http-problem-types#quota-exceeded"
        problem.violatedPolicies = ["streams"]
        return problem
    }
}

extension Problem {
    /// https://iana.org/assignments/http-problem-types#temporary-reduced-capacity
    static func overloaded(_ detail: String, after seconds: Int) -> Problem {
        var problem = Problem(
            status: .serviceUnavailable, code: "overloaded",
            detail: "\(detail) Try again in \(seconds) \(seconds == 1 ? "second" : "seconds").",
            headers: [.retryAfter: String(seconds)])
        problem.type = "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity"
        return problem
    }
}

extension Principal {
    /// By what it is counted.
    var subject: RateLimiter.Subject {
        switch actor {
        case .user(let user, _): .user(user.description)
        case .key(let key): .key(key.description)
        case .configuredKey(let tenant): .key("of-\(tenant)")
        case .service: .key("service")
        }
    }
}
