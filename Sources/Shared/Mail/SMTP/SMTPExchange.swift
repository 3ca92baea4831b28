import CCurl

/// What libcurl's callbacks see and leave of one transfer. Used by the transfer's thread only.
final class SMTPExchange {
    private let bytes: [UInt8]
    private var sent = 0
    var stage = SMTPStage.queue
    /// QUIT was sent: what is answered to it says nothing about the mail.
    private var isLeaving = false
    /// The server's last answer.
    private(set) var reply: SMTPReply?

    let isCancelled: () -> Bool

    init(_ bytes: [UInt8], isCancelled: @escaping () -> Bool) {
        self.bytes = bytes
        self.isCancelled = isCancelled
    }

    /// More of the message. 0: that was all.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - sent)
        buffer.copyBytes(from: bytes[sent..<sent + count])
        sent += count
        // Once libcurl has the last byte, it may send the end of the message at any moment.
        stage = sent == bytes.count ? .end : .message
        return count
    }

    func received(_ line: UnsafeBufferPointer<UInt8>) {
        guard !isLeaving, let reply = SMTPReply(line: line) else { return }
        self.reply = reply
        if stage == .connect { stage = .greeting }
    }

    /// Told of every command. What follows AUTH is a secret: nothing but these beginnings is looked at.
    func commanded(_ line: UnsafeBufferPointer<UInt8>) {
        if line.starts(with: "AUTH ".utf8) {
            stage = .login
        } else if line.starts(with: "MAIL FROM:".utf8) {
            stage = .sender
        } else if line.starts(with: "RCPT TO:".utf8) {
            stage = .recipient
        } else if line.starts(with: "DATA\r\n".utf8), stage == .recipient {
            stage = .message
        } else if line.starts(with: "QUIT\r\n".utf8), stage != .login {
            isLeaving = true
        }
    }
}
