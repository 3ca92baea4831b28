/// One caller's commands with what they have in common.
struct ClusterCall: Sendable {
    let commands: [RedisCommand]
    let name: String
    let identifier: UInt64
    let deadline: ContinuousClock.Instant

    init(_ commands: [RedisCommand], name: String, identifier: UInt64, deadline: ContinuousClock.Instant) {
        self.commands = commands
        self.name = name
        self.identifier = identifier
        self.deadline = deadline
    }

    /// A failure of a part as one of the whole: when another part has been carried out, nobody may take the whole for
    /// not sent; and a node's connection that the router has ended is to the caller one that broke.
    func failure(_ error: any Error, isPartDone: Bool, isClosed: Bool) -> any Error {
        guard let error = error as? RedisError else { return error }
        if case .closed(isOutcomeUnknown: true) = error, !isClosed {
            return RedisError.connectionLost(command: name, isOutcomeUnknown: true)
        }
        if isPartDone, !error.isOutcomeUnknown { return RedisError.timeout(command: name, isOutcomeUnknown: true) }
        return error
    }
}
