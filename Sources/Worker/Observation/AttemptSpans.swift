import Domain
import Jobs
import Telemetry

/// Makes attempts spans of the request's trace.
struct AttemptSpans {
    let tracer: Tracer

    func start(_ job: ClaimedJob) -> AttemptTrace {
        let parent = job.trace.flatMap { TraceContext(traceparent: $0) }
        let span = tracer.start(
            "process \(job.queue)", .consumer, parent: parent,
            attributes: .job(.process, job.id, kind: job.kind, queue: job.queue, attempt: job.attempt))
        return AttemptTrace(context: span.context) { outcome, state in
            span.set("errand.job.state", .string(state?.rawValue ?? "lost"))
            switch outcome {
            case .failed(let failure): span.fail(failure.code, message: failure.message)
            case nil: span.fail("lost")
            case .succeeded, .cancelled, .handedBack: break
            }
            span.end()
        }
    }
}
