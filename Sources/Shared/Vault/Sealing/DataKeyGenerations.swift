import FoundationEssentials

/// Data keys in two generations, of which the older is dropped when the younger is full or half a life old: so none is
/// held longer than one life, and no more than the capacity.
struct DataKeyGenerations {
    struct Name: Hashable {
        let owner: UUID
        let version: Int
    }

    private let halfCount: Int
    private let halfLife: Duration
    /// When the younger generation began.
    private var start: ContinuousClock.Instant
    private var young: [Name: DataKey] = [:]
    private var old: [Name: DataKey] = [:]
    /// How often something was forgotten.
    private(set) var forgotten: UInt64 = 0

    init(capacity: Int, life: Duration, start: ContinuousClock.Instant) {
        precondition(capacity >= 2, "two generations need two places")
        halfCount = capacity / 2
        halfLife = life / 2
        self.start = start
    }

    mutating func key(_ name: Name, at now: ContinuousClock.Instant) -> DataKey? {
        turn(now)
        return young[name] ?? old[name]
    }

    /// Not held when its life began, at `askedAt`, before the younger generation did: it would be held too long.
    mutating func insert(_ key: DataKey, askedAt: ContinuousClock.Instant, now: ContinuousClock.Instant) {
        turn(now)
        guard askedAt >= start else { return }
        let name = Name(owner: key.owner, version: key.version)
        if young.count >= halfCount, young[name] == nil {
            old = young
            young = [:]
            start = askedAt
        }
        old[name] = nil
        young[name] = key
    }

    mutating func forget(_ isForgotten: (Name) -> Bool) {
        forgotten += 1
        young = young.filter { !isForgotten($0.key) }
        old = old.filter { !isForgotten($0.key) }
    }

    var count: Int { young.count + old.count }

    private mutating func turn(_ now: ContinuousClock.Instant) {
        let age = start.duration(to: now)
        guard age >= halfLife else { return }
        old = age < halfLife * 2 ? young : [:]
        young = [:]
        // Not now: what is old was asked for up to half a life after the start, and goes a whole life after it.
        start = age < halfLife * 2 ? start.advanced(by: halfLife) : now
    }
}
