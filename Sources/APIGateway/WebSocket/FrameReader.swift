import NIOCore
import NIOWebSocket

/// Makes messages of frames as RFC 6455 sections 5 and 7 want it. Pure: a frame in, what to do about it out. Sizes of
/// single frames are the decoder's.
struct FrameReader {
    enum Action: Equatable {
        /// The message goes on in another frame.
        case wait
        case text(ByteBuffer)
        case binary(ByteBuffer)
        case ping(ByteBuffer)
        case pong
        /// The client closes; the payload to answer with.
        case close(ByteBuffer)
        case fail(CloseReason)
    }

    let maxMessageBytes: Int
    /// What has come of a message in pieces. `nil` between messages.
    private var begun: (isText: Bool, bytes: ByteBuffer, check: UTF8Check)?

    init(maxMessageBytes: Int) { self.maxMessageBytes = maxMessageBytes }

    mutating func read(_ frame: WebSocketFrame) -> Action {
        guard frame.maskKey != nil else { return .fail(.violation("a client must mask its frames")) }
        guard frame.reservedBits.isEmpty else { return .fail(.violation("no extension uses the reserved bits")) }
        switch frame.opcode {
        case .text, .binary: return begin(frame)
        case .continuation: return goOn(frame)
        case .ping, .pong, .connectionClose: return control(frame)
        default: return .fail(.violation("the opcode is reserved"))
        }
    }

    private mutating func begin(_ frame: WebSocketFrame) -> Action {
        guard begun == nil else { return .fail(.violation("the earlier message has not ended")) }
        begun = (frame.opcode == .text, ByteBuffer(), UTF8Check())
        return add(frame)
    }

    private mutating func goOn(_ frame: WebSocketFrame) -> Action {
        guard begun != nil else { return .fail(.violation("there is no message to continue")) }
        return add(frame)
    }

    private mutating func add(_ frame: WebSocketFrame) -> Action {
        guard var message = begun else { return .wait }
        begun = nil
        var data = frame.unmaskedData
        guard message.bytes.readableBytes + data.readableBytes <= maxMessageBytes else { return .fail(.tooLarge) }
        if message.isText, !message.check.accepts(data.readableBytesView) { return .fail(.notUTF8) }
        // A message in one piece is not copied.
        if message.bytes.readableBytes == 0 { message.bytes = data } else { message.bytes.writeBuffer(&data) }
        guard frame.fin else {
            begun = message
            return .wait
        }
        if !message.isText { return .binary(message.bytes) }
        return message.check.isComplete ? .text(message.bytes) : .fail(.notUTF8)
    }

    private func control(_ frame: WebSocketFrame) -> Action {
        guard frame.fin else { return .fail(.violation("a control frame must not be fragmented")) }
        guard frame.length <= 125 else { return .fail(.violation("a control frame is at most 125 bytes")) }
        switch frame.opcode {
        case .ping: return .ping(frame.unmaskedData)
        case .pong: return .pong
        default: return close(frame.unmaskedData)
        }
    }

    private func close(_ payload: ByteBuffer) -> Action {
        guard payload.readableBytes > 0 else { return .close(payload) }
        guard let code = payload.getInteger(at: payload.readerIndex, as: UInt16.self) else {
            return .fail(.violation("a close code is two bytes"))
        }
        guard CloseReason.mayBeSent(code) else { return .fail(.violation("the close code must not be sent")) }
        var check = UTF8Check()
        guard check.accepts(payload.readableBytesView.dropFirst(2)), check.isComplete else { return .fail(.notUTF8) }
        return .close(ByteBuffer(integer: code))
    }
}
