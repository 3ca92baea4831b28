import ArgumentParser
import Domain
import Jobs

/// `worker jobs cancel`.
struct CancelJobs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End jobs that have not ended: at once, or through the worker that runs them.")

    @OptionGroup var choice: JobChoice
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (choice, output) = (choice, output)
        try await OperatorSession.with { session in
            let jobs = try await choice.jobs(session.store, fallback: nil)
            var decisions = Decisions(missing: jobs.missing)
            for job in jobs.found {
                switch try await session.intake.cancel(job.id, tenant: job.tenant) {
                case .ended(let job): decisions.done.append((job.id, job.state.rawValue))
                case .requested(let job, _): decisions.done.append((job.id, "cancelling"))
                case .tooLate(let job): decisions.refused.append((job.id, job.state.rawValue))
                case .notFound: decisions.missing.append(job.id)
                }
            }
            try decisions.report(output)
        }
    }
}

/// What became of the jobs a command was about.
struct Decisions {
    /// With the state they have now.
    var done: [(id: JobID, state: String)] = []
    /// They have a state in which this cannot be done.
    var refused: [(id: JobID, state: String)] = []
    var missing: [JobID]

    init(missing: [JobID] = []) { self.missing = missing }

    mutating func add(_ control: JobStore.Control, _ id: JobID) {
        switch control {
        case .done(let job): done.append((id, job.isDiscarded ? "discarded" : job.state.rawValue))
        case .refused(let job): refused.append((id, job.state.rawValue))
        case .notFound: missing.append(id)
        }
    }

    /// - Throws: `ExitCode` when a job that was named is missing or was refused.
    func report(_ output: OutputOptions) throws {
        var table = TextTable([("ID", .left), ("STATE", .left), ("", .left)])
        for job in done { table.add([job.id.description, job.state, ""]) }
        for job in refused { table.add([job.id.description, job.state, "not changed"]) }
        for id in missing { table.add([id.description, "-", "there is no such job"]) }
        output.print(table.text) { writer in
            writer.object { object in
                object.key("jobs")
                object.array { array in
                    for job in done { Self.write(job.id, job.state, changed: true, to: &array) }
                    for job in refused { Self.write(job.id, job.state, changed: false, to: &array) }
                    for id in missing { Self.write(id, nil, changed: false, to: &array) }
                }
            }
        }
        if !refused.isEmpty || !missing.isEmpty { throw ExitCode.dataError }
    }

    private static func write(_ id: JobID, _ state: String?, changed: Bool, to writer: inout JSONWriter) {
        writer.object { object in
            object.field("id", id.description)
            object.field("state", state)
            object.field("changed", changed)
        }
    }
}
