/// What is said over a connection. A `Link` keeps the connection and calls this on its own thread only.
protocol Conversation: AnyObject {
    typealias Instant = ContinuousClock.Instant

    /// Takes what callers left in the mailbox. Returns false when the connection must be dropped and made anew.
    func collect(now: Instant) -> Bool
    /// Tells callers whose time is up. Returns false when the other side has been silent too long.
    func expire(now: Instant) -> Bool
    /// When `expire` next has something to do; nil for never.
    var nextDeadline: Instant? { get }
    /// Nothing waits: an orderly stop may end here.
    var isIdle: Bool { get }

    func opened(now: Instant)
    /// The connection that had been opened is gone.
    func lost(now: Instant)
    /// An attempt to connect failed; `reason` names host and port.
    func couldNotConnect(_ reason: String)

    var hasOutput: Bool { get }
    /// The bytes that wait to be written.
    func withOutput<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T
    func wrote(_ byteCount: Int, now: Instant)

    /// Some bytes have come.
    func heard(now: Instant)
    /// Throws when the reply does not belong here; the connection is then dropped.
    func received(_ reply: RedisReply) throws(RedisError)
    /// The replies that had come are through.
    func endOfReplies()

    /// False when callers left something since the last `collect`; true promises that the next one rings the bell.
    func mayGoToSleep() -> Bool
    /// The end: no more callers are taken on, and whoever still waits is told so.
    func close()
}
