/// What a time zone adds to UTC, as a function of the instant. The calendar's maths need nothing else of a zone, so
/// they run as well in one that a test made up.
package struct ZoneOffsets: Sendable, Equatable {
    package let name: String
    /// Seconds to add to UTC, at an instant in seconds since 1970-01-01 00:00 UTC. Between -24 and 24 hours. Two
    /// changes are more than a day apart; in the IANA database (2025b) the closest two are four days apart.
    package let secondsFromGMT: @Sendable (Int) -> Int

    package init(name: String, secondsFromGMT: @escaping @Sendable (Int) -> Int) {
        self.name = name
        self.secondsFromGMT = secondsFromGMT
    }

    /// No offset, ever.
    package static let utc = ZoneOffsets(name: "UTC") { _ in 0 }

    /// Zones are equal by their name.
    package static func == (one: ZoneOffsets, other: ZoneOffsets) -> Bool { one.name == other.name }

    /// A moment at which clocks were set: `at` is the first instant with the new offset.
    struct Change: Equatable {
        var at: Int
        var from: Int
        var to: Int
    }

    /// The one change in `start+1...end`, which span two days at most: no IANA zone changes twice in them.
    func change(after start: Int, through end: Int) -> Change? {
        let from = secondsFromGMT(start)
        let to = secondsFromGMT(end)
        guard from != to else { return nil }
        var before = start
        var at = end
        while at - before > 1 {
            let middle = before + (at - before) / 2
            if secondsFromGMT(middle) == from { before = middle } else { at = middle }
        }
        return Change(at: at, from: from, to: to)
    }
}
