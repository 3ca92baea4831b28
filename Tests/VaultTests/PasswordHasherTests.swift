import Foundation
import Testing

@testable import Vault

@Suite struct PasswordHasherTests {
    @Test func `two hashes of one password differ, and each verifies`() async throws {
        let hasher = try PasswordHasher(threads: 2)
        let (first, second) = (try await hasher.hash("Grüße, 世界"), try await hasher.hash("Grüße, 世界"))
        #expect(first != second)
        for hash in [first, second] {
            #expect(try await hasher.verify("Grüße, 世界", against: hash) == .right(rehashDue: false))
            // The same to the eye, other bytes: passwords are not normalised.
            #expect(try await hasher.verify("Gru\u{308}ße, 世界", against: hash) == .wrong)
        }
    }

    @Test func `a password has 1 to 1024 bytes`() async throws {
        let hasher = try PasswordHasher(threads: 1)
        let longest = String(repeating: "ä", count: 512)
        let hash = try await hasher.hash(longest)
        #expect(try await hasher.verify(longest, against: hash).isRight)
        for password in ["", longest + "x"] {
            await #expect(throws: VaultError.passwordLength) { try await hasher.hash(password) }
            #expect(try await hasher.verify(password, against: hash) == .wrong)
            #expect(try await hasher.verify(password, against: nil) == .wrong)
        }
        #expect(try await hasher.verify("a\0b", against: try await hasher.hash("a\0b")).isRight)
        #expect(try await hasher.verify("a\0c", against: try await hasher.hash("a\0b")) == .wrong)
    }

    @Test(arguments: [
        "", "x", "$", "$argon2id$",
        "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=65537,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=4294967296,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=11,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=5$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=7,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=0$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=-256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=+256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=18$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=1,x=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=1$c29t$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ=$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR_uIPnA4rEsF5h7TKyQwu9U1bMCHGi_4",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4$",
        "$2a$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe",
        "$2a$5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeWx",
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyO:W", "$1$abc$def", "$6$rounds=99999999$a$b",
    ])
    func `a hash of another kind or cost is refused before any work`(_ hash: String) async throws {
        let hasher = try PasswordHasher(threads: 1)
        await #expect {
            try await hasher.verify("password", against: hash)
        } throws: { error in
            if case .unsupportedHash = error as? VaultError { true } else { false }
        }
        #expect(hasher.mostAtOnce == 0 && !PasswordHasher.isSupported(hash: hash))
    }

    @Test func `every flipped bit of a hash makes the password wrong or the hash unsupported`() async throws {
        let hasher = try PasswordHasher(threads: 2)
        let hash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
        let bytes = Array(hash.utf8)
        for index in bytes.indices {
            for bit in 0..<7 {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8(bit)
                let verdict = try? await hasher.verify("password", against: String(decoding: flipped, as: UTF8.self))
                #expect(verdict == nil || verdict == .wrong, "byte \(index), bit \(bit)")
            }
        }
        #expect(try await hasher.verify("password", against: hash).isRight)
    }

    /// How much memory that takes is printed, not checked: other tests of this process take some too.
    @Test func `200 checks at once are all answered, and never more than two are computed at once`() async throws {
        let hasher = try PasswordHasher(threads: 2, maxWaiting: 200)
        let hash = try await hasher.hash("correct horse")
        let before = try ProcessMemory.residentKiB()
        let memory = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let verdict = try await hasher.verify(number % 2 == 0 ? "correct horse" : "wrong", against: hash)
                    #expect(verdict.isRight == (number % 2 == 0))
                    memory.note(try ProcessMemory.residentKiB())
                }
            }
            try await group.waitForAll()
        }
        #expect(hasher.mostAtOnce == 2)
        let grown = memory.most - before
        print("200 checks grew the process by \(grown) KiB at most")
        #expect(hasher.load == 0)
    }

    @Test func `as many calls as threads run at once, and no more`() async throws {
        let threads = try BlockingThreads(count: 3, maxWaiting: 200)
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await threads.run {
                        tally.enter()
                        usleep(500)
                        tally.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(tally.most == 3, "all of them, and no more")
    }

    @Test func `what comes when the queue is full is refused at once, and later calls are taken again`() async throws {
        let threads = try BlockingThreads(count: 1, maxWaiting: 2)
        let gate = DispatchSemaphore(value: 0)
        async let running: Void = threads.run { gate.wait() }
        async let first = threads.run { 1 }
        async let second = threads.run { 2 }
        while threads.load < 3 { await Task.yield() }
        await #expect(throws: VaultError.overloaded) { try await threads.run { 3 } }
        gate.signal()
        try await running
        #expect(try await first == 1)
        #expect(try await second == 2)
        #expect(try await threads.run { 4 } == 4)
    }

    @Test func `a cancelled caller leaves the queue and makes room`() async throws {
        let threads = try BlockingThreads(count: 1, maxWaiting: 1)
        let gate = DispatchSemaphore(value: 0)
        async let running: Void = threads.run { gate.wait() }
        while threads.load < 1 { await Task.yield() }
        let waiting = Task { try await threads.run { Issue.record("was run") } }
        while threads.load < 2 { await Task.yield() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(threads.load == 1)
        async let next = threads.run { 5 }
        while threads.load < 2 { await Task.yield() }
        gate.signal()
        try await running
        #expect(try await next == 5)
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await threads.run { 6 }
        }
        _ = await late.result
        #expect(try await threads.run { 7 } == 7 && threads.load == 0)
    }

    @Test func `an error of the body is the caller's`() async throws {
        let threads = try BlockingThreads(count: 1, maxWaiting: 1)
        await #expect(throws: VaultError.passwordLength) {
            try await threads.run { throw VaultError.passwordLength }
        }
    }

    @Test func `the threads end with the last reference`() async throws {
        weak var mailbox: ThreadMailbox?
        do {
            let threads = try BlockingThreads(count: 5, maxWaiting: 1)
            mailbox = threads.mailbox
            try await threads.run {}
            #expect(mailbox != nil)
        }
        while mailbox != nil { await Task.yield() }
    }
}
