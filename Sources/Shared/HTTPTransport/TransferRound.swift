/// What the callbacks leave for the loop to do at the end of a round. Belongs to the loop's thread.
final class TransferRound {
    /// The instant at which the loop must look at its transfers' deadlines.
    private(set) var due: ContinuousClock.Instant?
    private var withNews: [Exchange] = []

    /// Moves the next look forward when `instant` comes before it.
    func noteDeadline(_ instant: ContinuousClock.Instant) {
        if due.map({ instant < $0 }) ?? true { due = instant }
    }

    func clearDeadline() {
        due = nil
    }

    /// The exchange has bytes for its reader.
    func noteNews(_ exchange: Exchange) {
        withNews.append(exchange)
    }

    /// Wakes the readers together rather than one by one between two reads of sockets: the threads of the pool then
    /// find work after work, where otherwise each of them would be woken for one chunk and sleep again.
    func wakeReaders() {
        for exchange in withNews { exchange.wakeReader() }
        withNews.removeAll(keepingCapacity: true)
    }
}
