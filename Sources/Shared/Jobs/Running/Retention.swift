import Domain
package import Logging
import Metrics

/// Throws away what has ended long ago, a little at a time, so that the table stays as small as the periods allow. Any
/// number of processes may do this: they take turns at one walk, and rest between its steps all together.
package struct Retention: Sendable {
    let store: JobStore
    let periods: RetentionPeriods
    let logger: Logger

    package init(store: JobStore, periods: RetentionPeriods, logger: Logger) {
        self.store = store
        self.periods = periods
        self.logger = logger
    }

    /// How long a process waits that found it was not its turn.
    private static let patience = Duration.seconds(5)
    /// Steps between two looks at what else is to be pruned.
    private static let stepsPerLook = 500

    /// Until the task is cancelled.
    func run() async {
        var step = 0
        while !Task.isCancelled {
            do {
                if step % Self.stepsPerLook == 0 { try await pruneRecords() }
                step += 1
                try await Task.sleep(for: pause(after: try await prune(isForced: false)))
            } catch is CancellationError {
                return
            } catch {
                guard !Task.isCancelled else { return }
                logger.error("pruning failed", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: Self.patience)
            }
        }
    }

    /// Several processes do not all come back at once.
    private func pause(after pruning: JobStore.Pruning?) -> Duration {
        guard let pruning, !pruning.isEnd else { return Self.patience * Double.random(in: 0.5...1.5) }
        return max(.milliseconds(5), pruning.took * 3.2)
    }

    /// Looks at all jobs once, without rests. Other processes may take steps of it.
    /// - Returns: how many jobs this call deleted.
    package func sweep() async throws -> Int {
        try await pruneRecords()
        var pruned = 0
        // A walk that is under way is finished, and all that lies before its place follows.
        var isWhole = false
        while true {
            try Task.checkCancellation()
            guard let pruning = try await prune(isForced: true) else {
                try await Task.sleep(for: .milliseconds(20))
                continue
            }
            pruned += pruning.pruned
            if pruning.isStart { isWhole = true }
            if pruning.isEnd, isWhole { return pruned }
        }
    }

    private func prune(isForced: Bool) async throws -> JobStore.Pruning? {
        let pruning = try await store.prune(periods, isForced: isForced)
        if let pruning, pruning.pruned > 0 {
            Counter(label: "errand_jobs_pruned_total").increment(by: pruning.pruned)
        }
        return pruning
    }

    private func pruneRecords() async throws {
        while try await store.pruneRecords(periods) >= JobStore.prunePage {}
    }
}
