/// The bounds of a transport.
package struct SMTPLimits: Sendable {
    /// Until the server has greeted and taken the login. Some make strangers wait for up to half a minute.
    package var connect = Duration.seconds(60)
    /// For each further answer of the server, in whole seconds.
    package var reply = Duration.seconds(60)
    /// For all of it, waiting for a turn included.
    package var total = Duration.seconds(150)
    /// Connections at once; each has a thread of its own while there is mail to send.
    package var maxConnections = 4
    /// Mails that wait for a connection.
    package var maxWaiting = 256
    package var maxMessageBytes = 1 << 20

    package init() {}
}
