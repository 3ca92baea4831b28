import CLibPQ

/// One PGconn: finished exactly once. NULL until `start`, and again after `finish`.
struct ConnectionHandle: ~Copyable {
    private(set) var pointer: OpaquePointer?

    init() {}

    deinit { PQfinish(pointer) }

    /// Throws `connect` when libpq refuses to start.
    mutating func start(_ parameters: ConnectionParameters) throws(PostgresError) {
        finish()
        pointer = parameters.start()
        guard PQstatus(pointer) != CONNECTION_BAD else { throw .connect(failure) }
        // Notices may quote values; libpq would print them on stderr.
        PQsetNoticeReceiver(pointer, { _, _ in }, nil)
    }

    mutating func finish() {
        PQfinish(pointer)
        pointer = nil
    }

    /// libpq's account of a failed connection attempt in one line. It names host, user and database, no password.
    var failure: String {
        guard let pointer, let text = PQerrorMessage(pointer) else { return "libpq gave no reason" }
        let line = String(cString: text).split(whereSeparator: \.isNewline).joined(separator: "; ")
        return line.isEmpty ? "the server closed the connection" : line
    }
}
