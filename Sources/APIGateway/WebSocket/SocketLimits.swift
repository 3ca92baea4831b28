import Settings

/// The bounds of WebSockets.
struct SocketLimits: Sendable {
    /// A message, also when it comes in one frame: the longest that the API takes does, and browsers cannot split.
    var messageBytes = 262_144
    var sockets = 5_000
    var socketsOfOne = 100
    /// Sockets of one address that have not authenticated yet.
    var strangersOfOne = 20
    /// Jobs that one socket follows at once.
    var follows = 100
    /// Control frames count as messages.
    var messagesPerSecond = 100
    /// Bytes that wait to be sent before whoever sends has to wait too.
    var outgoingBytes = 262_144
    /// Messages that wait to be worked on before no more are read.
    var waitingMessages = 8
    /// A quiet socket is asked for a sign of life; without one for as long again it is closed.
    var pingSeconds = 20
    /// How long a client may take to authenticate.
    var authenticateSeconds = 10
    /// How often a credential is looked at again.
    var checkSeconds = 5
    /// How long the other side may take to answer a close frame.
    var closeSeconds = 2

    /// As many frames as a message may come in on average.
    static let framesOfMessage = 20
    /// How long a client's own name for a message may be, in bytes.
    static let maxIDBytes = 64

    init() {}

    init(from reader: inout SettingsReader) {
        sockets = reader.int("ws.max.sockets", default: sockets, in: 1...100_000)
        socketsOfOne = reader.int("ws.max.sockets.each", default: socketsOfOne, in: 1...100_000)
        follows = reader.int("ws.max.follows", default: follows, in: 1...10_000)
        messagesPerSecond = reader.int("ws.messages.per.second", default: messagesPerSecond, in: 1...100_000)
        pingSeconds = reader.int("ws.ping.seconds", default: pingSeconds, in: 1...3600)
        authenticateSeconds = reader.int("ws.authenticate.seconds", default: authenticateSeconds, in: 1...300)
        checkSeconds = reader.int("ws.check.seconds", default: checkSeconds, in: 1...3600)
    }
}
