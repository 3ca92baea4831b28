/// A first-in, first-out queue on one array: both ends in constant time, no allocation once it has grown.
struct FIFO<Element> {
    private var slots: [Element?] = []
    private var head = 0

    var count: Int { slots.count - head }
    var isEmpty: Bool { head == slots.count }

    var first: Element? { isEmpty ? nil : slots[head] }

    subscript(index: Int) -> Element {
        get { slots[head + index]! }
        set { slots[head + index] = newValue }
    }

    mutating func append(_ element: Element) { slots.append(element) }

    mutating func popFirst() -> Element? {
        guard head < slots.count else { return nil }
        let element = slots[head].take()
        head += 1
        if head == slots.count {
            slots.removeAll(keepingCapacity: slots.count <= 4_096)
            head = 0
        } else if head >= 4_096, head * 2 >= slots.count {
            slots.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Takes everything out, oldest first.
    mutating func removeAll() -> [Element] {
        defer { self = FIFO() }
        return slots[head...].compactMap { $0 }
    }
}
