/// The instant at which the loop must look at its transfers' deadlines. Belongs to the loop's thread.
final class TransferAlarm {
    private(set) var due: ContinuousClock.Instant?

    /// Moves the alarm forward when `instant` comes before it.
    func note(_ instant: ContinuousClock.Instant) {
        if due.map({ instant < $0 }) ?? true { due = instant }
    }

    func clear() {
        due = nil
    }
}
