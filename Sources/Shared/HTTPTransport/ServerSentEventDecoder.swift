/// Decodes `text/event-stream` chunk by chunk; where the chunks are cut makes no difference.
/// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
package struct ServerSentEventDecoder: Sendable {
    private let maxEventBytes: Int
    private var lines = LineDecoder(ending: .any)
    private var isFirstLine = true
    private var failure: HTTPTransportError?
    private var event: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var retry: Int?

    /// The last `id` seen, to be sent as Last-Event-ID when reconnecting; empty when there was none. As the standard
    /// has it, an id takes effect with the blank line after it.
    package private(set) var lastEventID = ""
    private var pendingID: String?
    /// The last `retry` seen, in milliseconds; `nil` when there was none.
    package private(set) var reconnectionMilliseconds: Int?

    /// `maxEventBytes` bounds the text of one event, and any single line.
    package init(maxEventBytes: Int = 1024 * 1024) {
        self.maxEventBytes = maxEventBytes
    }

    /// The events that `bytes` complete. Throws `HTTPTransportError.eventTooLarge`, and from then on again: the
    /// stream has no meaning after it, and events of the same call are lost with it.
    package mutating func feed(_ bytes: [UInt8]) throws -> [ServerSentEvent] {
        if let failure { throw failure }
        var events: [ServerSentEvent] = []
        var lines = LineDecoder(ending: .any)
        swap(&lines, &self.lines)
        defer { swap(&lines, &self.lines) }
        try lines.feed(bytes) { line in
            try bound(line.count)
            if let event = take(withoutMark(line)) { events.append(event) }
        }
        try bound(lines.waitingBytes)
        return events
    }

    /// The stream has ended. What was not closed by a blank line is discarded, as the standard wants it. Returns
    /// whether anything was.
    @discardableResult
    package mutating func finish() -> Bool {
        let discards = !lines.takeRest().isEmpty || hasData
        clear()
        return discards
    }

    private mutating func bound(_ lineBytes: Int) throws {
        guard lineBytes + data.count + event.count > maxEventBytes else { return }
        let error = HTTPTransportError.eventTooLarge(limitBytes: maxEventBytes)
        failure = error
        throw error
    }

    /// A byte order mark may stand before the first line.
    private mutating func withoutMark(_ line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        defer { isFirstLine = false }
        guard isFirstLine, line.starts(with: [0xef, 0xbb, 0xbf]) else { return line }
        return UnsafeBufferPointer(rebasing: line[3...])
    }

    private mutating func take(_ line: UnsafeBufferPointer<UInt8>) -> ServerSentEvent? {
        guard !line.isEmpty else { return dispatch() }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            field(line[...], value: line[line.count...])
            return nil
        }
        let hasSpace = colon + 1 < line.count && line[colon + 1] == UInt8(ascii: " ")
        // A colon at the start is a comment: its field name is empty and matches nothing.
        field(line[..<colon], value: line[(colon + (hasSpace ? 2 : 1))...])
        return nil
    }

    private mutating func field(_ name: Slice<UnsafeBufferPointer<UInt8>>, value: Slice<UnsafeBufferPointer<UInt8>>) {
        if name.elementsEqual("data".utf8) {
            if hasData { data.append(UInt8(ascii: "\n")) }
            data.append(contentsOf: value)
            hasData = true
        } else if name.elementsEqual("event".utf8) {
            event = Array(value)
        } else if name.elementsEqual("id".utf8) {
            if !value.contains(0) { pendingID = String(decoding: value, as: UTF8.self) }
        } else if name.elementsEqual("retry".utf8) {
            setRetry(value)
        }
    }

    /// Only ASCII digits count; a number beyond Int's reach does not.
    private mutating func setRetry(_ value: Slice<UnsafeBufferPointer<UInt8>>) {
        guard value.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let milliseconds = Int(String(decoding: value, as: UTF8.self))
        else { return }
        retry = milliseconds
        reconnectionMilliseconds = milliseconds
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer { clear() }
        if let pendingID { lastEventID = pendingID }
        guard hasData else { return nil }
        return ServerSentEvent(
            event: event.isEmpty ? "message" : String(decoding: event, as: UTF8.self),
            data: String(decoding: data, as: UTF8.self), id: lastEventID, retry: retry)
    }

    private mutating func clear() {
        event = []
        data.removeAll(keepingCapacity: true)
        (hasData, retry, pendingID) = (false, nil, nil)
    }
}
