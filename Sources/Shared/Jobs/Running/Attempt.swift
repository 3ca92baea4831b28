import Domain
import Logging
import Metrics

/// One attempt of one job, from claim to settle.
struct Attempt: Sendable {
    let handlers: HandlerCatalog
    let settler: Settler
    let events: EventLog
    let running: RunningAttempts
    let policy: RetryPolicy
    let logger: Logger

    func run(_ job: ClaimedJob, worker: WorkerID) async {
        var logger = logger
        logger[metadataKey: "job"] = "\(job.id)"
        logger[metadataKey: "attempt"] = "\(job.attempt)"
        let emitter = EventEmitter(log: events, job: job.id, attempt: job.attempt, logger: logger)
        let stop = running.begin(job.id, deadline: .now + .seconds(job.attemptTimeoutSeconds))
        let context = AttemptContext(job: job, events: emitter, logger: logger)
        let ending = await handle(job, context, until: stop)
        let (outcome, effects) = judge(ending, reason: running.reason(job.id))
        if let outcome {
            let state = await settler.settle(
                job, settlement(of: outcome, job), lastSequence: await emitter.lastSequence, effects: effects,
                worker: worker, isLost: { running.reason(job.id) == .lost })
            report(job, outcome, state, logger)
        } else {
            logger.warning("attempt lost: another worker has the job")
        }
        _ = running.end(job.id)
    }

    /// Runs the handler until it ends, or somebody stops it.
    private func handle(
        _ job: ClaimedJob, _ context: AttemptContext, until stop: AsyncStream<Void>
    ) async -> Result<Completion, any Error> {
        await withTaskGroup(of: Result<Completion, any Error>?.self) { group in
            group.addTask {
                do {
                    if job.attempt > 1 { try await context.events.open() }
                    return .success(try await handlers.run(job, context))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                for await _ in stop { break }
                return nil
            }
            // Whichever ends first; being stopped cancels the handler, whose own end is then awaited.
            var ending: Result<Completion, any Error>?
            while ending == nil, let next = await group.next() {
                ending = next
                group.cancelAll()
            }
            return ending ?? .failure(CancellationError())
        }
    }

    /// - Returns: the outcome and the rows that go with it. No outcome: the attempt is lost, and nobody may write.
    private func judge(
        _ ending: Result<Completion, any Error>, reason: StopReason?
    ) -> (Outcome?, Completion.Effects?) {
        if reason == .lost { return (nil, nil) }
        switch (ending, reason) {
        case (.success(let completion), _) where completion.ending == .finished:
            return (.succeeded(result: completion.result), completion.effects)
        case (.success(let completion), .cancelled):
            return (.cancelled(partialResult: completion.result), completion.effects)
        case (.failure(is AttemptLost), _):
            return (nil, nil)
        case (_, .cancelled):
            return (.cancelled(partialResult: nil), nil)
        case (_, .timedOut):
            return (.failed(Failure(.retry, code: "attempt_timeout", message: "The attempt took too long.")), nil)
        case (_, .drained), (.success, _), (.failure(is CancellationError), _):
            return (.handedBack, nil)
        case (.failure(let failure as Failure), _):
            return (.failed(failure), nil)
        case (.failure(let error), _):
            logger.error("handler threw", metadata: ["error": "\(error)"])
            return (.failed(Failure(.retry, code: "internal_error", message: "The attempt failed inside Errand.")), nil)
        }
    }

    private func settlement(of outcome: Outcome, _ job: ClaimedJob) -> Settlement {
        var random = SystemRandomNumberGenerator()
        return Settlement(
            of: outcome, attempt: job.attempt, attemptsSpent: job.attemptsSpent, maxAttempts: job.maxAttempts,
            cancelRequested: false,
            policy: policy, random: &random)
    }

    private func report(_ job: ClaimedJob, _ outcome: Outcome, _ state: JobState?, _ logger: Logger) {
        let state = state?.rawValue ?? "lost"
        Counter(
            label: "errand_attempts_total",
            dimensions: [("queue", job.queue.rawValue), ("kind", job.kind.rawValue), ("state", state)]
        ).increment()
        if case .failed(let failure) = outcome {
            logger.notice("attempt failed", metadata: ["code": "\(failure.code)", "state": "\(state)"])
        } else {
            logger.debug("attempt ended", metadata: ["state": "\(state)"])
        }
    }
}
