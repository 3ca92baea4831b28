import Domain
import Testing

@Suite struct HistoryWindowTests {
    private let earlier = (1...50).map {
        HistoryWindow.Exchange(question: "question \($0)", answer: $0 % 7 == 0 ? nil : "answer \($0)")
    }

    @Test func `what is sent fits the context with room for the answer`() throws {
        for context in [120, 200, 400, 900, 5000] {
            let window = HistoryWindow(contextTokens: context, reservedTokens: 60)
            let turns = try window.turns(system: "Be brief.", earlier: earlier, question: "now?")
            #expect(HistoryWindow.tokens(turns) <= context - 60)
            #expect(turns.first == ChatTurn(.system, "Be brief."))
            #expect(turns.last == ChatTurn(.user, "now?"))
        }
    }

    @Test func `the newest turns are kept, in order, and none without its question`() throws {
        let window = HistoryWindow(contextTokens: 200, reservedTokens: 60)
        let turns = try window.turns(system: nil, earlier: earlier, question: "now?").dropLast()
        #expect(turns.last == ChatTurn(.assistant, "answer 50"))
        #expect(turns.first?.role == .user)
        #expect(turns.count < 100)
        let all = earlier.flatMap { [$0.question] + ($0.answer.map { [$0] } ?? []) }
        #expect(Array(all.suffix(turns.count)) == turns.map(\.content))
    }

    @Test func `everything goes when everything fits`() throws {
        let window = HistoryWindow(contextTokens: 100_000, reservedTokens: 100)
        #expect(try window.turns(system: nil, earlier: earlier, question: "now?").count == 50 + 43 + 1)
    }

    @Test func `a question that cannot fit is refused for good`() {
        let window = HistoryWindow(contextTokens: 256, reservedTokens: 100)
        let error = #expect(throws: Failure.self) {
            try window.turns(system: nil, earlier: [], question: String(repeating: "long ", count: 200))
        }
        #expect(error?.kind == .permanent)
        #expect(error?.code == "message_too_long")
    }
}
