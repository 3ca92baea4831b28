import Domain
import Logging
import Metrics
import Redis

/// Takes the jobs of one queue, as many as there are slots for, until its task is cancelled.
struct Taker: Sendable {
    let queueName: QueueName
    let worker: WorkerID
    let queue: JobQueue
    let store: JobStore
    let slots: Slots
    let blocking: RedisBlockingClient
    let logger: Logger

    /// Ids claimed by one statement.
    static let maxBatch = 256
    /// How long one wait for a job may last, in seconds.
    static let waitSeconds = 5

    /// - Parameter start: gets every claimed job; the slot it holds is the receiver's to give back.
    func run(_ start: @Sendable (ClaimedJob) -> Void) async {
        while !Task.isCancelled {
            do {
                try await takeOnce(start)
            } catch is CancellationError {
                break
            } catch {
                Counter(label: "errand_take_errors_total", dimensions: [("queue", queueName.rawValue)]).increment()
                logger.error("cannot take jobs", metadata: ["queue": "\(queueName)", "error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(200))
                // What was taken and not claimed is nobody's until it is back.
                _ = try? await queue.giveBack(queue: queueName, by: worker)
            }
        }
    }

    private func takeOnce(_ start: @Sendable (ClaimedJob) -> Void) async throws {
        let reserved = try await slots.take(upTo: Self.maxBatch)
        var used = 0
        defer { slots.give(reserved - used) }
        let ids = try await queue.take(upTo: reserved, from: queueName, by: worker)
        if !ids.isEmpty {
            used = try await claim(ids, start)
            return
        }
        // Waiting for a job must not keep a slot from the other queues of this process.
        slots.give(reserved)
        used = reserved
        let first = try await queue.awaitOne(
            from: queueName, by: worker, seconds: Self.waitSeconds, on: blocking)
        guard let first else { return }
        guard slots.tryTake() else {
            _ = try await queue.giveBack(queue: queueName, by: worker)
            return
        }
        used = reserved - 1
        used += try await claim([first], start)
    }

    /// Returns how many jobs were started.
    private func claim(_ ids: [JobID], _ start: @Sendable (ClaimedJob) -> Void) async throws -> Int {
        let jobs = try await store.claim(ids, by: worker)
        for job in jobs { start(job) }
        do {
            try await queue.acknowledge(ids, queue: queueName, by: worker)
        } catch {
            // The rows say who runs them; an id that comes back is dropped by the next claim.
            logger.warning("ids not acknowledged", metadata: ["queue": "\(queueName)", "error": "\(error)"])
        }
        return jobs.count
    }
}
