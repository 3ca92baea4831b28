import TestSupport

/// What a client of a socket ends up with of one job.
struct SocketTranscript: Sendable {
    private(set) var text = ""
    private(set) var attempts: [Int] = []
    private(set) var ids: [String] = []
    private(set) var names: [String] = []
    private(set) var snapshots = 0
    private(set) var ends = 0
    private(set) var final: String?

    /// The last event it has.
    var cursor: String? { ids.last }

    mutating func apply(_ message: SocketClient.Message) {
        guard message.type == "event", let event = message.event else { return }
        names.append(event)
        switch event {
        case "attempt":
            attempts.append(message.data?.attempt ?? 0)
            text = ""
        case "delta": text += message.data?.text ?? ""
        case "snapshot":
            text = message.data?.text ?? ""
            snapshots += 1
        case "end":
            ends += 1
            final = message.data?.result?.text
        default: break
        }
        if event != "end", let id = message.id { ids.append(id) }
    }

    /// Applies messages until the job ends, a body says that it has enough, or the socket closes.
    /// - Throws: `SocketClient.Failed` when the socket closes.
    mutating func read(_ socket: SocketClient, _ isEnough: (SocketTranscript) async throws -> Bool = { _ in false })
        async throws
    {
        while ends == 0 {
            apply(try await socket.message())
            if try await isEnough(self) { return }
        }
    }
}
