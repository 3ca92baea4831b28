import CLibPQ
import Synchronization

/// A PQcancel on a thread of its own: it opens a second connection to the server and blocks, without a deadline, until
/// the server closes it. The server has sent its signal by then: only after `isDone` may the session be used again, or
/// a late signal would hit the next statement.
/// Source: https://www.postgresql.org/docs/15/libpq-cancel.html
final class CancelRequest: Sendable {
    /// One PGcancel: it holds a copy of the session's key, so it may outlive the connection.
    ///
    /// @unchecked Sendable: PQcancel only reads it and is documented to be callable from any thread.
    private struct Handle: ~Copyable, @unchecked Sendable {
        let pointer: OpaquePointer
        deinit { PQfreeCancel(pointer) }
    }

    private let handle: Handle
    private let done = Atomic<Bool>(false)

    /// Nil when the connection is not open.
    init?(connection: OpaquePointer?) {
        guard let pointer = PQgetCancel(connection) else { return nil }
        handle = Handle(pointer: pointer)
    }

    var isDone: Bool { done.load(ordering: .acquiring) }

    /// Signals `wakeup` when done. A request that fails is done too: the statement then runs into its deadline.
    func start(_ wakeup: Wakeup) throws(PostgresError) {
        try PostgresThread.start("pg-cancel") { [self] in
            var reason = [CChar](repeating: 0, count: 256)
            PQcancel(handle.pointer, &reason, Int32(reason.count))
            done.store(true, ordering: .releasing)
            wakeup.signal()
        }
    }
}
