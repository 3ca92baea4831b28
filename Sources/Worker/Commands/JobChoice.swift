import ArgumentParser
import Domain
import Jobs

/// Which jobs a command is about.
struct JobFilterOptions: ParsableArguments {
    @Option(help: "Only this queue's.")
    var queue: QueueName?

    @Option(help: "Only in this state; dead: failed, and neither retried nor discarded.")
    var state: SearchState?

    @Option(help: "Only of this kind.")
    var kind: JobKind?

    @Option(help: "Only this tenant's.")
    var tenant: TenantID?

    @Option(help: "Only with this failure code.")
    var failureCode: String?

    var isEmpty: Bool { queue == nil && state == nil && kind == nil && tenant == nil && failureCode == nil }

    var search: JobSearch {
        var search = JobSearch()
        search.state = state?.state
        search.queue = queue
        search.kind = kind
        search.tenant = tenant
        search.failureCode = failureCode
        return search
    }
}

/// A state, or `dead`.
struct SearchState: ExpressibleByArgument {
    let state: JobSearch.State

    init(_ state: JobSearch.State) { self.state = state }

    init?(argument: String) {
        if argument == "dead" {
            state = .dead
        } else if let known = JobState(rawValue: argument) {
            state = .state(known)
        } else {
            return nil
        }
    }

    static var allValueStrings: [String] { JobState.allCases.map(\.rawValue) + ["dead"] }
}

/// Jobs named one by one, or by a filter that somebody has seen the size of.
struct JobChoice: ParsableArguments {
    @Argument(help: "The jobs' ids. Without any: all that pass the filter.")
    var ids: [JobID] = []

    @OptionGroup var filter: JobFilterOptions

    @Option(help: "The most jobs a filter may take (1 to 100000).")
    var limit = 1000

    @Flag(help: "Do it. Without this, a filter only says how many jobs it finds, and the status is 64.")
    var yes = false

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be 1 to 100000") }
        if ids.isEmpty, filter.isEmpty { throw ValidationError("name jobs by their ids, or give a filter") }
        if !ids.isEmpty, !filter.isEmpty { throw ValidationError("name jobs by their ids or by a filter, not by both") }
    }

    /// Decides about each of the jobs, and prints what became of them.
    /// - Parameters:
    ///   - fallback: the state a filter without one means.
    ///   - decide: notes what it decided.
    func decide(
        _ output: OutputOptions, fallback: JobSearch.State?,
        _ decide: @escaping @Sendable (Job, OperatorSession, inout Decisions) async throws -> Void
    ) async throws {
        let choice = self
        try await OperatorSession.with { session in
            let jobs = try await choice.jobs(session.store, fallback: fallback)
            var decisions = Decisions(missing: jobs.missing)
            for job in jobs.found { try await decide(job, session, &decisions) }
            try decisions.report(output)
        }
    }

    /// The jobs, with those ids that there are none of.
    /// - Parameter fallback: the state a filter without one means.
    /// - Throws: `ExitCode` when nobody said yes to what a filter finds.
    private func jobs(_ store: JobStore, fallback: JobSearch.State?) async throws -> (found: [Job], missing: [JobID]) {
        guard ids.isEmpty else {
            var found: [Job] = []
            var missing: [JobID] = []
            for id in ids {
                if let detail = try await store.detail(id) { found.append(detail.job) } else { missing.append(id) }
            }
            return (found, missing)
        }
        var search = filter.search
        search.state = search.state ?? fallback
        let found = try await store.search(search, limit: limit)
        guard yes else {
            let more = found.count == limit ? " or more" : ""
            throw ExitCode.unconfirmed("\(found.count)\(more) jobs pass the filter")
        }
        return (found, [])
    }
}
