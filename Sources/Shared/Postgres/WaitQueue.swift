/// First in, first out, with removal from the middle by number. Removal is rare (a cancelled caller) and linear.
struct WaitQueue<Element> {
    private var entries: [(number: UInt64, element: Element)] = []
    /// Entries before it are taken already; their room is given back in bulk.
    private var head = 0

    var count: Int { entries.count - head }
    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : entries[head].element }

    mutating func append(_ element: Element, number: UInt64) { entries.append((number, element)) }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        defer { advance(1) }
        return entries[head].element
    }

    mutating func popFirst(_ limit: Int) -> [Element] {
        let end = head + min(limit, count)
        let taken = entries[head..<end].map(\.element)
        advance(end - head)
        return taken
    }

    /// Nil when it is not waiting any more.
    mutating func remove(number: UInt64) -> Element? {
        guard let index = entries[head...].firstIndex(where: { $0.number == number }) else { return nil }
        return entries.remove(at: index).element
    }

    private mutating func advance(_ count: Int) {
        head += count
        if head == entries.count {
            entries.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 1024, head > entries.count / 2 {
            entries.removeFirst(head)
            head = 0
        }
    }
}
