import NIOCore

/// Why a socket ends: a code (RFC 6455 section 7.4) and words for people.
struct CloseReason: Equatable, Sendable {
    var code: UInt16
    var text: String

    static let normal = CloseReason(code: 1000, text: "")
    static let goingAway = CloseReason(code: 1001, text: "this gateway stops; come back with your cursors")
    static let notText = CloseReason(code: 1003, text: "messages are JSON text")
    static let notUTF8 = CloseReason(code: 1007, text: "text must be UTF-8")
    static let tooFast = CloseReason(code: 1008, text: "too many messages a second")
    static let doesNotRead = CloseReason(code: 1008, text: "what was sent is not being read")
    static let noPong = CloseReason(code: 1008, text: "a ping was not answered")
    static let tooLarge = CloseReason(code: 1009, text: "the message is too large")
    static let failed = CloseReason(code: 1011, text: "something went wrong here")
    static let tooMany = CloseReason(code: 1013, text: "too many sockets")
    /// The credential is missing, wrong, or has ended: come back with a new one.
    static let credentialEnded = CloseReason(code: 4401, text: "the credential has ended")
    static let notAuthenticated = CloseReason(code: 4401, text: "authenticate first")

    static func violation(_ text: String) -> CloseReason { CloseReason(code: 1002, text: text) }

    /// The payload of a close frame; at most 125 bytes of it.
    var payload: ByteBuffer {
        var buffer = ByteBuffer(integer: code)
        buffer.writeBytes(text.utf8.prefix(123))
        return buffer
    }

    /// Codes that may be sent: those of the RFC and of IANA's registry, and the two ranges for others
    /// (https://www.iana.org/assignments/websocket/websocket.xml).
    static func mayBeSent(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
