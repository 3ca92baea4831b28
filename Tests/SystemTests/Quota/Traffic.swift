import Domain

@testable import Worker

/// Jobs that want to send requests, as the workers run them: who is told to wait comes back then, sometimes a little
/// late. What is sent arrives up to five seconds later.
struct Traffic {
    struct Request {
        let user: QuotaUser
        let urgency: QuotaGovernor.Urgency
        var asks = 0
        /// Milliseconds since the beginning.
        let from: Double
        var arrived: Double?
    }

    private(set) var requests: [Request]
    /// Numbers of requests, by the tick in which they ask.
    private var agenda: [Int: [Int]] = [:]
    private var random: Seeded

    static let tickMilliseconds = 50.0

    init(_ requests: [Request], seed: UInt64) {
        self.requests = requests
        random = Seeded(seed)
        for (number, request) in requests.enumerated() { put(number, at: request.from) }
    }

    private mutating func put(_ number: Int, at milliseconds: Double) {
        agenda[Int((milliseconds / Self.tickMilliseconds).rounded(.up)), default: []].append(number)
    }

    /// Runs until all have been sent, or so much time has passed.
    mutating func run(in world: GovernorWorld, seconds: Double) async {
        let start = world.clock.now
        let last = Int(seconds * 1_000 / Self.tickMilliseconds)
        for tick in 0...last {
            guard let due = agenda.removeValue(forKey: tick) else {
                if agenda.isEmpty { return }
                continue
            }
            let now = Double(tick) * Self.tickMilliseconds
            world.clock.now = start + now
            for (number, admission) in await ask(due, world) {
                requests[number].asks += 1
                switch admission {
                case .now: requests[number].arrived = now + .random(in: 0...5_000, using: &random)
                case .after(let seconds):
                    put(number, at: now + seconds * 1_000 + .random(in: 0...500, using: &random))
                }
            }
        }
    }

    /// All at once, by all the governors.
    private func ask(_ due: [Int], _ world: GovernorWorld) async -> [(Int, QuotaGovernor.Admission)] {
        await withTaskGroup(of: (Int, QuotaGovernor.Admission).self) { group in
            for number in due {
                let request = requests[number]
                let governor = world.governors[number % world.governors.count]
                group.addTask { (number, await governor.admit(user: request.user, as: request.urgency)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// The most that arrived within any minute.
    static func busiestMinute(_ requests: [Request]) -> Int {
        let arrivals = requests.compactMap(\.arrived).sorted()
        var (busiest, from) = (0, 0)
        for (index, arrival) in arrivals.enumerated() {
            while arrivals[from] <= arrival - 60_000 { from += 1 }
            busiest = max(busiest, index - from + 1)
        }
        return busiest
    }
}
