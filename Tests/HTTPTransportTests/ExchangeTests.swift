import Testing

@testable import HTTPTransport

/// The hand-over between loop and reader, step by step and without a socket.
@Suite(.timeLimit(.minutes(1)))
struct ExchangeTests {
    private func makeExchange() throws -> Exchange {
        let url = "http://a.example/"
        return Exchange(request: HTTPRequest(url: url), target: try HTTPTarget(url: url), start: .now)
    }

    private func deliver(_ count: Int, to exchange: Exchange) -> Exchange.Delivery {
        [UInt8](repeating: 1, count: count).withUnsafeBytes { exchange.deliver($0) }
    }

    @Test func `unread bytes above the limit pause, and taking them resumes once`() async throws {
        let exchange = try makeExchange()
        var resumed = 0
        for _ in 0..<16 { #expect(deliver(16 * 1024, to: exchange) == .taken) }
        #expect(deliver(1, to: exchange) == .full)
        #expect(try await exchange.next { resumed += 1 }?.count == Exchange.unreadLimitBytes)
        #expect(resumed == 1)
        #expect(deliver(1, to: exchange) == .taken)
        #expect(try await exchange.next { resumed += 1 }?.count == 1)
        #expect(resumed == 1)
    }

    @Test func `a waiting reader is never left behind a pause`() async throws {
        let exchange = try makeExchange()
        let reader = Task {
            var count = 0
            while let bytes = try await exchange.next(resume: { Issue.record("paused while a reader waits") }) {
                count += bytes.count
            }
            return count
        }
        while !exchange.hasReader { await Task.yield() }
        for _ in 0..<17 { #expect(deliver(16 * 1024, to: exchange) == .taken) }
        exchange.wakeReader()
        exchange.finish(.success(()))
        #expect(try await reader.value == 17 * 16 * 1024)
    }

    @Test func `a failure comes after the bytes that came before it`() async throws {
        let exchange = try makeExchange()
        #expect(deliver(5, to: exchange) == .taken)
        exchange.finish(.failure(.closedEarly(code: 18, host: "a.example")))
        #expect(try await exchange.next {}?.count == 5)
        await #expect(throws: HTTPTransportError.closedEarly(code: 18, host: "a.example")) {
            try await exchange.next {}
        }
        #expect(deliver(1, to: exchange) == .ended)
    }

    @Test func `a complete body that is given up unread fails, one read to its end stays complete`() async throws {
        let unread = try makeExchange()
        #expect(deliver(5, to: unread) == .taken)
        unread.finish(.success(()))
        #expect(!unread.abandon())
        await #expect(throws: HTTPTransportError.cancelled) { try await unread.next {} }

        let read = try makeExchange()
        #expect(deliver(5, to: read) == .taken)
        read.finish(.success(()))
        _ = try await read.next {}
        #expect(!read.abandon())
        #expect(try await read.next {} == nil)
    }
}
