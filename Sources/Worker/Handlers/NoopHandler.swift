import Domain
import Jobs

/// Runs `noop`: the smallest handler there is.
struct NoopHandler: JobHandler {
    func handle(_ work: Noop, _ context: AttemptContext) async throws -> Completion {
        try Self.fail(work, attempt: context.job.attempt)
        let milliseconds = work.sleepMilliseconds ?? 0
        guard let pieces = work.emit, pieces > 0 else {
            if milliseconds > 0 { try await Task.sleep(for: .milliseconds(milliseconds)) }
            return .finished(Array("{}".utf8), followUps: try Self.followUps(work))
        }
        var text = ""
        for number in 1...pieces {
            do {
                try await Task.sleep(for: .milliseconds(milliseconds) / pieces)
            } catch {
                return .stopped(partial: Self.json(text))
            }
            let piece = "\(number) "
            text += piece
            try await context.events.append(piece)
        }
        return .finished(Self.json(text), followUps: try Self.followUps(work))
    }

    private static func fail(_ work: Noop, attempt: Int) throws(Failure) {
        guard let failures = work.failures, attempt <= failures else { return }
        throw Failure(
            work.failWith == .permanent ? .permanent : .retry, code: "asked_to_fail",
            message: "This attempt was asked to fail.", retryAfterSeconds: work.retryAfter.map(Double.init),
            burnsAttempt: work.failWith != .later)
    }

    private static func followUps(_ work: Noop) throws -> [JobSpecification] {
        try (0..<(work.followUps ?? 0)).map { _ in try Noop().specification() }
    }

    private static func json(_ text: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { $0.field("text", text) }
        return writer.bytes
    }
}
