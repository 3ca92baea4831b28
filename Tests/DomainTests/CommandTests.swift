import Domain
import Testing

@Suite struct CommandTests {
    @Test func `a command reads back from the payload it wrote`() throws {
        let answer = AnswerChat(conversation: .make(), turn: 3, model: "gpt")
        let back = try AnswerChat.decode(answer.specification().payload)
        #expect(back.conversation == answer.conversation && back.turn == 3 && back.model == "gpt")
        #expect(try answer.specification().orderingKey == "errand:conversation:\(answer.conversation)")
    }

    @Test func `every wrong field is named at once`() {
        let error = #expect(throws: InvalidCommand.self) {
            try Noop(sleepMilliseconds: -1, emit: 5000, failures: 1, key: "").specification()
        }
        #expect(error?.problems.map(\.field) == ["payload.sleep_ms", "payload.emit", "payload.key"])
    }

    @Test func `a text that cannot be stored is refused for that, and not for its length`() {
        let key = #expect(throws: InvalidCommand.self) { try Noop(key: "a\0").specification() }
        #expect(key?.problems.map(\.message) == [StoredText.refusal])
        let model = #expect(throws: InvalidCommand.self) { try AnswerChat.check(model: "m\0") }
        #expect(model?.problems.map(\.message) == [StoredText.refusal])
    }

    @Test(arguments: ["", "two words", "tab\t", String(repeating: "m", count: 201)])
    func `what is no model name is refused`(model: String) {
        #expect(throws: InvalidCommand.self) { try AnswerChat.check(model: model) }
    }

    @Test func `a payload of another kind fails for good`() {
        let error = #expect(throws: Failure.self) { try AnswerChat.decode(Array("{\"turn\":1}".utf8)) }
        #expect(error?.kind == .permanent)
    }

    @Test func `a mail about a connection says which, and whose`() throws {
        let email = try #require(EmailAddress("ada@example.com"))
        let mail = SendMail(reconnect: .make(), of: .make(), to: email, user: .make())
        try mail.validate()
        var lacking = mail
        lacking.workspace = nil
        #expect(throws: InvalidCommand.self) { try lacking.validate() }
        var mixed = SendMail(.verify, to: email)
        mixed.connection = mail.connection
        #expect(throws: InvalidCommand.self) { try mixed.validate() }
        #expect(try SendMail.decode(try mail.specification().payload).connection == mail.connection)
    }

    @Test func `the keys of Errand's own jobs are none that a client may name`() throws {
        let (calendar, connection) = (CalendarID.make(), ConnectionID.make())
        let event = WriteEvent(.delete, of: String(repeating: "e", count: 400), in: calendar)
        let jobs = try [
            SyncCalendar(calendar).specification(), SyncCalendar(calendar, isFull: true).specification(),
            ListCalendars(connection).specification(), WatchCalendar(calendar).specification(),
            RenewToken(connection, tokenVersion: 1).specification(), Disconnect(connection).specification(),
            AnswerChat(conversation: .make(), turn: 1, model: nil).specification(), event.specification(),
            SweepAccounts().specification(), SweepRetention().specification(),
        ]
        for job in jobs {
            for key in [job.orderingKey, job.unique?.key].compactMap(\.self) {
                #expect(ReservedKey.isReserved(key) && key.count <= JobSpecification.maxKeyLength, "\(key)")
            }
        }
        #expect(try Noop(key: "errand:x").specification().orderingKey.map(ReservedKey.isReserved) == false)
        // What a client's coalescing jobs are ordered by is none of their own keys either.
        var coalescing = try Noop().specification()
        coalescing.unique = Uniqueness(key: "calendar:1", scope: .pending, onConflict: .coalesce)
        #expect(coalescing.effectiveOrderingKey == "errand:unique:calendar:1")
    }

    @Test func `renewals of a connection are one, in the connection's order`() throws {
        let connection = ConnectionID.make()
        let specification = try RenewToken(connection, tokenVersion: 3).specification(priority: .urgent)
        #expect(specification.unique?.key == specification.orderingKey)
        #expect(specification.priority == .urgent && specification.queue == .tokens)
        #expect(try Disconnect(connection).specification().orderingKey == specification.orderingKey)
        #expect(throws: InvalidCommand.self) { try RenewToken(connection, tokenVersion: 0).specification() }
    }
}
