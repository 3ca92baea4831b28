package import Domain

/// What a tracing system knows of one attempt. The engine only says when it begins and ends; who records it is the
/// program's choice.
package struct AttemptTrace: Sendable {
    /// Begins one for a job that was claimed just now.
    package typealias Start = @Sendable (ClaimedJob) -> AttemptTrace
    /// - Parameters: the outcome, and the job's state as it was written; `nil` when the attempt was not believed.
    package typealias End = @Sendable (Outcome?, JobState?) -> Void

    /// What the attempt passes on to whom it asks.
    package var context: TraceContext?
    package var end: End

    package init(context: TraceContext?, end: @escaping End) {
        self.context = context
        self.end = end
    }

    /// Records nothing: the context of the request goes on to the provider as it came.
    package static let passOn: Start = { job in
        AttemptTrace(context: job.trace.flatMap { TraceContext(traceparent: $0) }) { _, _ in }
    }
}
