import Domain
import Logging
import Synchronization

/// One attempt of one job, from claim to settle.
struct Attempt: Sendable {
    let handlers: HandlerCatalog
    let settler: Settler
    let events: EventLog
    let running: RunningAttempts
    let policy: RetryPolicy
    let measures: AttemptMeasures
    let trace: AttemptTrace.Start
    let logger: Logger

    func run(_ job: ClaimedJob, worker: WorkerID) async {
        let id = AttemptID(job: job.id, attempt: job.attempt)
        let started = ContinuousClock.now
        begin(job, id, started)
        measures.running.add(1, ordering: .relaxed)
        defer {
            measures.running.subtract(1, ordering: .relaxed)
            running.end(id)
        }
        let emitter = EventEmitter(log: events, job: job.id, attempt: job.attempt, logger: logger)
        let span = trace(job)
        let context = AttemptContext(
            job: job, worker: worker, events: emitter, store: settler.store, trace: span.context, logger: logger)
        let ending = await handle(job, id, context)
        let (outcome, completion) = judge(ending, reason: running.reason(id), context)
        guard let outcome else {
            context.logger.warning("attempt lost: another worker has the job")
            span.end(nil, nil)
            return
        }
        let (ended, state) = await settle(outcome, completion, job, worker, lastSequence: await emitter.lastSequence)
        measures.ended(job, state, after: .now - started)
        span.end(ended, state)
        report(ended, state, context)
    }

    /// - Returns: how the attempt ended, which is not as its handler meant when its own rows were refused; and the
    ///   job's state. `nil`: the attempt is lost.
    private func settle(
        _ outcome: Outcome, _ completion: Completion?, _ job: ClaimedJob, _ worker: WorkerID, lastSequence: Int?
    ) async -> (Outcome, JobState?) {
        let settlement = settlement(of: outcome, job)
        let id = AttemptID(job: job.id, attempt: job.attempt)
        let ending = Settler.Ending(
            job: job,
            settling: Settling(
                job: job.id, attempt: job.attempt, settlement: settlement, lastSequence: lastSequence),
            worker: worker, gate: gate(outcome, settlement, job), completion: completion)
        do {
            return (outcome, try await settler.settle(ending, isLost: { running.reason(id) == .lost }))
        } catch {
            return await settle(.failed(error), nil, job, worker, lastSequence: lastSequence)
        }
    }

    private func begin(_ job: ClaimedJob, _ id: AttemptID, _ now: ContinuousClock.Instant) {
        let limit = Double(job.attemptTimeoutSeconds)
        let left = job.secondsLeft.map { max($0, 0) }
        running.begin(
            id, deadline: now + .seconds(min(limit, left ?? limit)), isJobDeadline: left.map { $0 < limit } ?? false)
    }

    /// Runs the handler until it ends. It is a task of its own, so that stopping it stops nothing else.
    private func handle(
        _ job: ClaimedJob, _ id: AttemptID, _ context: AttemptContext
    ) async -> Result<Completion, any Error> {
        await withTaskGroup(of: Result<Completion, any Error>.self) { group in
            group.addTask {
                do {
                    return .success(
                        try await running.whileStoppable(id) {
                            if job.attempt > 1 { try await context.events.open() }
                            return try await handlers.run(job, context)
                        })
                } catch {
                    return .failure(error)
                }
            }
            return await group.next() ?? .failure(CancellationError())
        }
    }

    /// - Returns: the outcome and what goes with it. No outcome: the attempt is lost, and nobody may write.
    private func judge(
        _ ending: Result<Completion, any Error>, reason: StopReason?, _ context: AttemptContext
    ) -> (Outcome?, Completion?) {
        if reason == .lost { return (nil, nil) }
        switch (ending, reason) {
        case (.success(let completion), _) where completion.ending == .finished:
            return (.succeeded(result: completion.result), completion)
        case (.success(let completion), .cancelled):
            return (.cancelled(partialResult: completion.result), completion)
        case (.failure(is AttemptLost), _):
            return (nil, nil)
        case (_, .cancelled):
            return (.cancelled(partialResult: nil), nil)
        case (_, .timedOut):
            return (.failed(Failure(.retry, code: "attempt_timeout", message: "The attempt took too long.")), nil)
        case (_, .overdue):
            let message = "The job did not end in the time it was given."
            return (.failed(Failure(.permanent, code: Failure.deadlineExceeded, message: message)), nil)
        case (_, .drained), (.success, _), (.failure(is CancellationError), _):
            return (.handedBack, nil)
        case (.failure(let failure as Failure), _):
            return (.failed(failure), nil)
        case (.failure(let error), _):
            context.logger.error("handler threw", metadata: ["error": "\(error)"])
            return (.failed(Failure(.retry, code: "internal_error", message: "The attempt failed inside Errand.")), nil)
        }
    }

    private func settlement(of outcome: Outcome, _ job: ClaimedJob) -> Settlement {
        var random = SystemRandomNumberGenerator()
        return Settlement(
            of: outcome, attempt: job.attempt, attemptsSpent: job.attemptsSpent, maxAttempts: job.maxAttempts,
            cancelRequested: false, policy: policy, random: &random)
    }

    /// A provider that says "later" says it to everybody who shares the quota.
    private func gate(_ outcome: Outcome, _ settlement: Settlement, _ job: ClaimedJob) -> JobStore.GateClosing? {
        guard let key = job.gate, case .failed(let failure) = outcome, failure.kind == .retry, !failure.burnsAttempt,
            settlement.delaySeconds > 0
        else { return nil }
        return JobStore.GateClosing(key: key, seconds: settlement.delaySeconds, code: failure.code)
    }

    private func report(_ outcome: Outcome, _ state: JobState?, _ context: AttemptContext) {
        let state = state?.rawValue ?? "lost"
        if case .failed(let failure) = outcome {
            context.logger.notice("attempt failed", metadata: ["code": "\(failure.code)", "state": "\(state)"])
        } else if logger.logLevel <= .debug {
            context.logger.debug("attempt ended", metadata: ["state": "\(state)"])
        }
    }
}
