/// Holds the right to an answer: when the last copy goes, a transfer still under way is cancelled.
final class BodyLease: Sendable {
    let exchange: Exchange
    private let loop: TransferLoop

    init(_ exchange: Exchange, _ loop: TransferLoop) {
        self.exchange = exchange
        self.loop = loop
    }

    deinit {
        cancel()
    }

    /// Closes the connection at once, unless the transfer has ended.
    func cancel() {
        if exchange.abandon() { loop.cancel(exchange) }
    }

    func next() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await exchange.next { loop.resume(exchange) }
        } onCancel: {
            cancel()
        }
    }
}
