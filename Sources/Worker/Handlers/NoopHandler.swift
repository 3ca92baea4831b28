import Domain
import Jobs

/// Runs `noop`: the smallest handler there is.
struct NoopHandler: JobHandler {
    func handle(_ work: Noop, _ context: AttemptContext) async throws -> Completion {
        if let failures = work.failures, context.job.attemptsSpent <= failures {
            throw Failure(.retry, code: "asked_to_fail", message: "This attempt was asked to fail.")
        }
        let milliseconds = work.sleepMilliseconds ?? 0
        guard let pieces = work.emit, pieces > 0 else {
            if milliseconds > 0 { try await Task.sleep(for: .milliseconds(milliseconds)) }
            return .finished(Array("{}".utf8))
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
        return .finished(Self.json(text))
    }

    private static func json(_ text: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { $0.field("text", text) }
        return writer.bytes
    }
}
