import Synchronization

/// How many connections each address has.
final class ConnectionLedger: Sendable {
    private let counts = Mutex<[String: Int]>([:])
    private let limit: Int
    private let proxies: TrustedProxies

    /// - Parameter proxies: who have no limit: many clients come through them.
    init(limit: Int, proxies: TrustedProxies) {
        self.limit = limit
        self.proxies = proxies
    }

    /// What to `leave` with. `nil`: not counted, for a proxy or a peer without an address.
    /// - Throws: `Full`.
    func enter(_ address: IPAddress?) throws(Full) -> String? {
        guard let address, !proxies.contains(address) else { return nil }
        let name = address.neighbourhood
        let isIn = counts.withLock { counts in
            guard counts[name, default: 0] < limit else { return false }
            counts[name, default: 0] += 1
            return true
        }
        if !isIn { throw Full() }
        return name
    }

    func leave(_ name: String) {
        counts.withLock { counts in
            let left = (counts[name] ?? 1) - 1
            counts[name] = left > 0 ? left : nil
        }
    }

    struct Full: Error {}
}
