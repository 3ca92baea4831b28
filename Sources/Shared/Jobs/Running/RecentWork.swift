import Domain
import FoundationEssentials
import Synchronization

/// What this process did in the last minute, by queue and tenant. Rates come from here rather than from the table:
/// there, counting what ended in the last minute would need an index that every settle pays for.
package final class RecentWork: Sendable {
    /// In one minute.
    package struct Totals: Sendable, Equatable, Codable {
        package var attempts = 0.0
        /// Jobs that ended.
        package var finished = 0.0
        /// Attempts that failed and are to be repeated.
        package var retries = 0.0

        package init() {}

        static func += (left: inout Totals, right: Totals) {
            left.attempts += right.attempts
            left.finished += right.finished
            left.retries += right.retries
        }
    }

    private struct Key: Hashable {
        var queue: QueueName
        /// `nil`: all of them.
        var tenant: TenantID?
    }

    /// A twelfth of a minute.
    private struct Slot {
        var number = 0
        var totals = Totals()
    }

    private struct State {
        var rings: [Key: [Slot]] = [:]
    }

    static let slotSeconds = 5
    private static let slots = 12
    /// Tenants counted by themselves; beyond that they count for their queue only.
    private static let maxKeys = 5_000
    /// What is told about by tenant.
    private static let toldTenants = QueueStates.tenantsPerQueue

    private let state = Mutex(State())
    private let started = ContinuousClock.now

    package init() {}

    /// - Parameter state: the job's state after the attempt.
    func ended(_ queue: QueueName, _ tenant: TenantID, _ state: JobState, now: ContinuousClock.Instant = .now) {
        var totals = Totals()
        totals.attempts = 1
        if state.isTerminal { totals.finished = 1 }
        if state == .scheduled { totals.retries = 1 }
        let number = slotNumber(now)
        self.state.withLock { state in
            Self.add(totals, Key(queue: queue), number, &state)
            Self.add(totals, Key(queue: queue, tenant: tenant), number, &state)
        }
    }

    private static func add(_ totals: Totals, _ key: Key, _ number: Int, _ state: inout State) {
        if state.rings[key] == nil {
            guard key.tenant == nil || state.rings.count < maxKeys else { return }
            state.rings[key] = Array(repeating: Slot(), count: slots)
        }
        let place = number % slots
        if state.rings[key]?[place].number != number { state.rings[key]?[place] = Slot(number: number) }
        state.rings[key]?[place].totals += totals
    }

    /// From 1, so that an untouched slot is an old one.
    private func slotNumber(_ now: ContinuousClock.Instant) -> Int {
        Int((now - started) / .seconds(Self.slotSeconds)) + Self.slots
    }

    private struct Entry: Encodable {
        var queue: String
        var tenant: String?
        var attempts: Double
        var finished: Double
        var retries: Double
    }

    /// The queues, and of each the busiest tenants, as `workers.recent` holds them: a JSON array, per minute.
    func report(now: ContinuousClock.Instant = .now) -> [UInt8] {
        let oldest = slotNumber(now) - Self.slots
        // A process that is younger than a minute has had less time.
        let scale = 60 / max(Double(Self.slotSeconds), min(60, (now - started) / .seconds(1)))
        let totals = state.withLock { state in
            let totals = state.rings.mapValues { ring in
                ring.reduce(into: Totals()) { sum, slot in if slot.number > oldest { sum += slot.totals } }
            }
            for (key, total) in totals where total.attempts == 0 { state.rings[key] = nil }
            return totals.filter { $0.value.attempts > 0 }
        }
        var entries: [Entry] = []
        for (_, group) in Dictionary(grouping: totals, by: \.key.queue) {
            let tenants = group.filter { $0.key.tenant != nil }.sorted { $0.value.attempts > $1.value.attempts }
            for (key, total) in group.filter({ $0.key.tenant == nil }) + tenants.prefix(Self.toldTenants) {
                entries.append(
                    Entry(
                        queue: key.queue.rawValue, tenant: key.tenant?.description, attempts: total.attempts * scale,
                        finished: total.finished * scale, retries: total.retries * scale))
            }
        }
        return (try? JSONEncoder().encode(entries)).map { [UInt8]($0) } ?? Array("[]".utf8)
    }
}
