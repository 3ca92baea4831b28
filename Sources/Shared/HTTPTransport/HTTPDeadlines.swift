/// How long each part of one exchange may take. Each limit has an error of its own: see `HTTPPhase`.
package struct HTTPDeadlines: Sendable, Hashable {
    /// From `send` until the connection (name, TCP, TLS) is ready for the request.
    package var connect: Duration
    /// From the ready connection until the first byte of the answer, sending the request included.
    package var firstByte: Duration
    /// Between two bytes of the answer. The time in which an unread body holds the transfer back does not count.
    package var silence: Duration
    /// From `send` until the last byte of the body.
    package var total: Duration

    package init(
        connect: Duration = .seconds(5), firstByte: Duration = .seconds(60), silence: Duration = .seconds(60),
        total: Duration = .seconds(600)
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.silence = silence
        self.total = total
    }
}
