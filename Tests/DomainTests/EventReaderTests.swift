import Domain
import Testing

private func at(_ attempt: Int, _ sequence: Int, _ event: JobEvent) -> PlacedEvent {
    PlacedEvent(cursor: EventCursor(attempt: attempt, sequence: sequence), event: event)
}

/// Applies events as the page does: the text a reader ends up with.
private func text(_ events: [PlacedEvent]) -> String {
    events.reduce(into: "") { text, placed in
        switch placed.event {
        case .attempt: text = ""
        case .delta(let piece): text += piece
        case .snapshot(let whole): text = whole
        case .progress: break
        }
    }
}

@Suite struct EventReaderTests {
    private let log = [
        at(1, 0, .attempt(1)), at(1, 1, .delta("a")), at(1, 2, .delta("b")), at(1, 3, .delta("c")),
        at(2, 0, .attempt(2)), at(2, 1, .delta("x")), at(2, 2, .delta("y")), at(2, 3, .delta("z")),
    ]

    @Test func `a reader that reconnects anywhere ends with the text of one that never left`() {
        for cut in 0...log.count {
            var first = EventReader(after: .start)
            let seen = first.read(Array(log.prefix(cut)))
            var second = EventReader(after: first.cursor)
            let rest = second.read(log.filter { first.cursor == .start || $0.cursor > first.cursor })
            #expect(text(seen + rest) == "xyz")
            #expect((seen + rest).count == log.count)
        }
    }

    @Test func `an event that was read already is not read again`() {
        var reader = EventReader(after: .start)
        _ = reader.read(log)
        #expect(reader.read(log).isEmpty)
    }

    @Test func `a reader who comes after the log was lost waits for the snapshot`() {
        var reader = EventReader(after: .start)
        let seen = reader.read([
            at(1, 7, .delta("late")), at(1, 8, .snapshot("all so far")), at(1, 9, .delta("!")),
        ])
        #expect(text(seen) == "all so far!")
        #expect(reader.hasAll(attempt: 1, lastSequence: 9))
    }

    @Test func `a snapshot is for everybody: it may carry text that no delta does`() {
        var reader = EventReader(after: .start)
        let seen = reader.read([
            at(1, 0, .attempt(1)), at(1, 1, .delta("a")), at(1, 2, .snapshot("abc")), at(1, 3, .delta("d")),
        ])
        #expect(text(seen) == "abcd")
    }

    @Test func `a hole hides the rest of its attempt but not the next one`() {
        var reader = EventReader(after: .start)
        let seen = reader.read([
            at(1, 0, .attempt(1)), at(1, 1, .delta("a")), at(1, 3, .delta("c")), at(1, 4, .delta("d")),
            at(2, 0, .attempt(2)), at(2, 1, .delta("x")),
        ])
        #expect(seen.map(\.event) == [.attempt(1), .delta("a"), .attempt(2), .delta("x")])
        #expect(!reader.hasAll(attempt: 2, lastSequence: 2))
        #expect(reader.hasAll(attempt: 2, lastSequence: 1))
    }

    @Test func `a reader with a hole does not have all`() {
        var reader = EventReader(after: .start)
        _ = reader.read([at(1, 0, .attempt(1)), at(1, 2, .delta("b"))])
        #expect(!reader.hasAll(attempt: 1, lastSequence: 2))
    }

    @Test(arguments: [
        "", "-", "1", "1-", "-1", "a-1", "1-2-3", "1--2", "+1-2", "99999999999-1", "4294967296-0", "1-2 ",
    ])
    func `what is no cursor is refused`(text: String) {
        #expect(EventCursor(text) == nil)
    }

    @Test func `a cursor prints as it reads`() {
        #expect(EventCursor("12-345").map(String.init(describing:)) == "12-345")
        #expect(EventCursor(attempt: 1, sequence: 10) < EventCursor(attempt: 2, sequence: 0))
    }
}
