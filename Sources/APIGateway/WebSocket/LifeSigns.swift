/// Whether the other side is still there, and reads. Pure: told what happens, and asked at equal intervals.
struct LifeSigns {
    enum Verdict: Equatable {
        case fine
        /// It is quiet: ask.
        case ping
        case close(CloseReason)
    }

    /// Since it was asked the last time.
    private var hasReceived = true
    private var hasSent = true
    /// When it was asked the last time.
    private var wasWaiting = false
    private var awaitsPong = false

    mutating func received() { (hasReceived, awaitsPong) = (true, false) }

    /// Something has left for the other side.
    mutating func sent() { hasSent = true }

    /// - Parameter isWaiting: something waits to be sent.
    mutating func look(isWaiting: Bool) -> Verdict {
        defer { (hasReceived, hasSent, wasWaiting) = (false, false, isWaiting) }
        if isWaiting, wasWaiting, !hasSent { return .close(.doesNotRead) }
        if awaitsPong { return .close(.noPong) }
        awaitsPong = !hasReceived
        return awaitsPong ? .ping : .fine
    }
}
