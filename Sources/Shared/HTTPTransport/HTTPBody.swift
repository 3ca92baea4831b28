/// The body of an answer, as it arrives: arrays of at least one byte, cut wherever the network cut them.
///
/// At most 256 KiB wait unread; beyond that the server is held back. Throws `HTTPTransportError`: `closedEarly` when
/// the body ends before its announced end, a `timeout`, or `cancelled` when the task is cancelled, which closes the
/// connection at once, as does dropping the body before its end. One reader at a time; a second iteration goes on
/// where the first stopped.
///
/// A body that announces neither a length nor chunks ends where its connection does: for such a one a cut cannot be
/// told from the end, and the format inside must have an end of its own.
package struct HTTPBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    package struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        fileprivate let lease: BodyLease

        package mutating func next() async throws -> [UInt8]? {
            try await lease.next()
        }
    }

    private let lease: BodyLease

    init(_ lease: BodyLease) {
        self.lease = lease
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(lease: lease)
    }

    /// Gives the body up: closes the connection at once unless the answer is complete. Whoever waits for bytes gets
    /// `cancelled`.
    package func cancel() {
        lease.cancel()
    }

    /// The rest of the body in one piece. Throws `bodyTooLarge`, and closes the connection, when it has more than
    /// `limitBytes`.
    package func collect(upTo limitBytes: Int) async throws -> [UInt8] {
        var whole: [UInt8] = []
        while let bytes = try await lease.next() {
            guard whole.count + bytes.count <= limitBytes else {
                cancel()
                throw HTTPTransportError.bodyTooLarge(limitBytes: limitBytes)
            }
            whole += bytes
        }
        return whole
    }
}
