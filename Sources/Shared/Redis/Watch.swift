/// What a scout finds out: asks one server after the other, forever, the same questions.
protocol Watch: AnyObject, Sendable {
    /// Asked together.
    var inquiry: [RedisCommand] { get }
    /// How many questions callers have asked; an answer counts for those asked before it was sent for.
    var questions: UInt64 { get }
    /// Takes the replies to the inquiry. Returns false when this server is of no use.
    func learn(_ replies: [RedisReply], from node: RedisNode, question: UInt64) -> Bool
    func couldNotAsk(_ reason: String)
    /// Lets go of those who have waited long enough. Returns when to do so next.
    func expire(now: ContinuousClock.Instant) -> ContinuousClock.Instant?
    /// The end: nobody is told anything any more.
    func close()
}
