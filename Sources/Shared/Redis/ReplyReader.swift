import CHiredis

/// hiredis' incremental parser. Replies are copied into Swift values and freed before they are returned.
struct ReplyReader: ~Copyable {
    private let reader: UnsafeMutablePointer<redisReader>
    private let maxReplyBytes: Int
    /// Bytes fed since the last whole reply.
    private var unfinishedBytes = 0

    init(maxReplyBytes: Int) {
        guard let reader = redisReaderCreate() else { fatalError("out of memory") }
        // Keep the buffer between reads; the default of 16 KiB would free and grow it for every larger read.
        reader.pointee.maxbuf = 256 << 10
        self.reader = reader
        self.maxReplyBytes = maxReplyBytes
    }

    deinit { redisReaderFree(reader) }

    mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(RedisError) {
        unfinishedBytes += bytes.count
        guard unfinishedBytes <= maxReplyBytes else {
            throw .protocolViolation("a reply of more than \(maxReplyBytes) bytes")
        }
        guard redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count) == REDIS_OK
        else { throw failure() }
    }

    /// The next whole reply; nil when more bytes are needed.
    mutating func next() throws(RedisError) -> RedisReply? {
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw failure() }
        guard let object else { return nil }
        defer { freeReplyObject(object) }
        unfinishedBytes = 0
        return RedisReply(object.assumingMemoryBound(to: redisReply.self))
    }

    /// hiredis' own wording would show bytes that were received.
    private func failure() -> RedisError {
        .protocolViolation("hiredis cannot parse what was received (error \(reader.pointee.err))")
    }
}

extension RedisReply {
    fileprivate init(_ reply: UnsafePointer<redisReply>) {
        switch reply.pointee.type {
        case REDIS_REPLY_INTEGER: self = .integer(Int(reply.pointee.integer))
        case REDIS_REPLY_STRING: self = .bytes(Array(Self.bytes(of: reply)))
        case REDIS_REPLY_STATUS: self = .status(String(decoding: Self.bytes(of: reply), as: UTF8.self))
        case REDIS_REPLY_ERROR:
            self = .error(ServerErrorText.redacted(String(decoding: Self.bytes(of: reply), as: UTF8.self)))
        case REDIS_REPLY_ARRAY:
            let elements = UnsafeBufferPointer(start: reply.pointee.element, count: reply.pointee.elements)
            self = .array(elements.map { $0.map { RedisReply($0) } ?? .null })
        default: self = .null
        }
    }

    private static func bytes(of reply: UnsafePointer<redisReply>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: reply.pointee.str, count: reply.pointee.len)
    }
}
