import Domain
import Metrics
import Synchronization

/// Who has how many sockets. A place is given up when nobody holds it any more.
final class SocketCensus: Sendable {
    enum Holder: Hashable, Sendable {
        /// By the name of a principal and its workspace.
        case principal(String, TenantID)
        /// An address that has not authenticated yet.
        case stranger(String)

        init(_ principal: Principal) { self = .principal(principal.name, principal.tenant) }
    }

    enum Full: Error {
        case everything, holder
    }

    private struct Counts {
        var all = 0
        var each: [Holder: Int] = [:]
    }

    private let counts = Mutex(Counts())
    private let limits: SocketLimits
    private let gauge = Gauge(label: "errand_websockets_open")

    static let help: [String: String] = [
        "errand_websockets_open": "WebSockets that are open now.",
        "errand_websocket_closes_total":
            "WebSockets that ended, by the code the gateway closed with; none: it did not.",
    ]

    /// After the metrics system has been set up.
    init(limits: SocketLimits) { self.limits = limits }

    /// - Throws: `Full`.
    func enter(_ holder: Holder) throws(Full) -> Place {
        try counts.withLock { counts throws(Full) in
            if counts.all >= limits.sockets { throw .everything }
            try count(holder, &counts)
            counts.all += 1
            gauge.record(counts.all)
        }
        return Place(census: self, holder: holder)
    }

    private func count(_ holder: Holder, _ counts: inout Counts) throws(Full) {
        let most =
            switch holder {
            case .principal: limits.socketsOfOne
            case .stranger: limits.strangersOfOne
            }
        let there = counts.each[holder, default: 0]
        if there >= most { throw .holder }
        counts.each[holder] = there + 1
    }

    private func forget(_ holder: Holder, _ counts: inout Counts) {
        let there = counts.each[holder, default: 0]
        counts.each[holder] = there > 1 ? there - 1 : nil
    }

    /// One socket's place.
    final class Place: Sendable {
        private let census: SocketCensus
        private let holder: Mutex<Holder>

        fileprivate init(census: SocketCensus, holder: Holder) {
            self.census = census
            self.holder = Mutex(holder)
        }

        /// The stranger has said who it is.
        /// - Throws: `Full`, and keeps the place it has.
        func pass(to new: Holder) throws(Full) {
            try holder.withLock { holder throws(Full) in
                try census.counts.withLock { counts throws(Full) in
                    try census.count(new, &counts)
                    census.forget(holder, &counts)
                }
                holder = new
            }
        }

        deinit {
            let held = holder.withLock { $0 }
            census.counts.withLock { counts in
                census.forget(held, &counts)
                counts.all -= 1
                census.gauge.record(counts.all)
            }
        }
    }
}
