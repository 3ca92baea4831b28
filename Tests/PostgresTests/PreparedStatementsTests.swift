import Testing

@testable import Postgres

@Suite struct PreparedStatementsTests {
    static let statement = Statement("put", "select $1, $2")

    @Test func `a statement is prepared once for the same types, and null fits every type`() {
        var prepared = PreparedStatements()
        let first = prepared.entry(for: Self.statement, types: [20, 25])
        #expect(!first.isPrepared)
        prepared.confirm(first, of: Self.statement)
        for types: [UInt32] in [[20, 25], [0, 25], [20, 0], [0, 0]] {
            let again = prepared.entry(for: Self.statement, types: types)
            #expect(again.isPrepared && again.serverName == first.serverName)
        }
    }

    @Test func `types learnt from several calls with nulls end in one preparation`() {
        var prepared = PreparedStatements()
        for types: [UInt32] in [[0, 0], [20, 0], [0, 25]] {
            prepared.confirm(prepared.entry(for: Self.statement, types: types), of: Self.statement)
        }
        #expect(prepared.count == 3)
        #expect(prepared.entry(for: Self.statement, types: [20, 25]).isPrepared)
    }

    @Test func `another text or type under the same name is another preparation`() {
        var prepared = PreparedStatements()
        let first = prepared.entry(for: Self.statement, types: [20, 25])
        prepared.confirm(first, of: Self.statement)
        #expect(!prepared.entry(for: Self.statement, types: [23, 25]).isPrepared)
        #expect(!prepared.entry(for: Statement("put", "select $2, $1"), types: [20, 25]).isPrepared)
        #expect(prepared.entry(for: Self.statement, types: [23, 25]).serverName != first.serverName)
    }

    @Test func `the number of preparations is bounded`() {
        var prepared = PreparedStatements()
        for number in 0..<PreparedStatements.maxCount {
            let statement = Statement("s\(number)", "select \(number)")
            prepared.confirm(prepared.entry(for: statement, types: []), of: statement)
        }
        #expect(prepared.isFull)
        prepared.forgetAll()
        #expect(!prepared.isFull && prepared.count == 0)
    }
}
