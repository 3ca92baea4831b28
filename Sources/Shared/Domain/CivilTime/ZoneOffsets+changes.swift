/// When a zone's clocks are set, looked up once for many questions.
extension ZoneOffsets {
    /// All changes in `start+1...end`, ascending. Asks the zone once for each day.
    func changes(after start: Int, through end: Int) -> [Change] {
        var changes: [Change] = []
        var before = start
        while before < end {
            // Two changes are more than a day apart: none is missed.
            let next = min(before + 86_400, end)
            if let change = change(after: before, through: next) { changes.append(change) }
            before = next
        }
        return changes
    }

    /// The same zone, which remembers what it adds in `range` and asks no more for it: the zones of Foundation take a
    /// lock and ICU's calendar for each instant. Of longer than ten years nothing is remembered.
    func remembering(_ range: Range<Int>) -> ZoneOffsets {
        guard !range.isEmpty, range.count < 10 * 366 * 86_400 else { return self }
        let changes = changes(after: range.lowerBound, through: range.upperBound)
        let first = secondsFromGMT(range.lowerBound)
        return ZoneOffsets(name: name) { [secondsFromGMT] instant in
            guard range.contains(instant) else { return secondsFromGMT(instant) }
            var offset = first
            for change in changes {
                guard change.at <= instant else { break }
                offset = change.to
            }
            return offset
        }
    }
}
