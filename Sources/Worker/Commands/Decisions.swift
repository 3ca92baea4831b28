import ArgumentParser
import Domain
import Jobs

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
