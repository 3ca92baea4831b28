/// From what a clock shows to when that is, as RFC 5545 section 3.3.5 has it
/// (https://www.rfc-editor.org/rfc/rfc5545#section-3.3.5): a local time that occurs more than once "refers to the first
/// occurrence of the referenced time", and one that does not occur "is interpreted using the UTC offset before the gap
/// in local times". Local times are seconds since 1970-01-01 00:00 on the zone's own clock.
extension ZoneOffsets {
    /// More than any offset, and less than the time between two changes.
    private static let daySeconds = 86_400

    /// Seconds since 1970-01-01 00:00 UTC.
    func instant(ofLocal local: Int) -> Int {
        let earlier = local - secondsFromGMT(local - Self.daySeconds)
        if secondsFromGMT(earlier) == local - earlier { return earlier }
        let later = local - secondsFromGMT(local + Self.daySeconds)
        return secondsFromGMT(later) == local - later ? later : earlier
    }

    /// The local times left out by the change that left out this one. `nil`: the clock did show it.
    func gap(holding local: Int) -> Range<Int>? {
        let first = local - Self.daySeconds
        let last = local + Self.daySeconds
        guard secondsFromGMT(first) < secondsFromGMT(last), let change = change(after: first, through: last) else {
            return nil
        }
        let gap = change.at + change.from..<change.at + change.to
        return gap.contains(local) ? gap : nil
    }

    /// The earliest local time that means an instant, or a later one.
    func local(from instant: Int) -> Int {
        instant + min(secondsFromGMT(instant), secondsFromGMT(instant - Self.daySeconds))
    }

    /// The latest local time that may mean an earlier instant.
    func local(before instant: Int) -> Int {
        instant + max(secondsFromGMT(instant), secondsFromGMT(instant - Self.daySeconds)) - 1
    }
}
