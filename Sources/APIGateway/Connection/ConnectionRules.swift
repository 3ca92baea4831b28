import NIOCore
import Settings

/// How long a client may take.
struct ConnectionRules: Sendable {
    /// For the head of a request, from its first byte; for the first one, from the connection's opening.
    var head = TimeAmount.seconds(10)
    /// For the body, from the end of the head.
    var body = TimeAmount.seconds(30)
    /// What a body has to reach on average, in bytes a second, once `bodyGrace` is over.
    var bodyBytesPerSecond = 1_024
    var bodyGrace = TimeAmount.seconds(10)
    /// How long the system keeps bytes that a client does not take before the connection is cut.
    var unread = TimeAmount.seconds(30)
    /// How long a connection that has been answered for the last time still takes bytes, so that the answer arrives.
    var farewell = TimeAmount.seconds(2)
    /// Connections of one address. A tenth of all by default: an office's browsers, each with its streams, fit in, and
    /// no single address can take what all share.
    var perAddress = 1_000

    init() {}

    init(from reader: inout SettingsReader) {
        head = .seconds(Int64(reader.int("http.head.seconds", default: 10, in: 1...600)))
        body = .seconds(Int64(reader.int("http.body.seconds", default: 30, in: 1...3_600)))
        unread = .seconds(Int64(reader.int("http.unread.seconds", default: 30, in: 1...3_600)))
        perAddress = reader.int("http.max.connections.per.address", default: 1_000, in: 1...100_000)
    }
}
