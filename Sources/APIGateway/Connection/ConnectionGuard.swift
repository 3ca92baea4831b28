import Domain
import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Ends connections whose client is too slow, and those that are over: RFC 9112 section 9.6 wants the write side closed
/// first and the rest read for a while, or the client may never see the answer.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let rules: ConnectionRules
    private let ledger: ConnectionLedger
    private let overload: Overload
    private let crossOrigin: CrossOrigin
    private let bytes = ByteWatch()
    private var state: ConnectionState
    private var timer: Scheduled<Void>?
    private var timerDeadline = NIODeadline.distantFuture
    private var entry: String?
    /// The client wants no further answer.
    private var isClientClosing = false
    private var isLeaving = false
    /// More requests came than may wait for their answers: those that do are answered, the others are passed over.
    private var hasEnough = false
    /// The request that comes in now, if it is refused: what comes of it is thrown away.
    private var shedding: HTTPRequest?
    /// Whether the request that comes in now is work.
    private var isWork = false
    /// The same of requests that have come completely and are not being answered.
    private var waiting = CircularBuffer<Bool>()
    private var workingSince: NIODeadline?

    init(rules: ConnectionRules, ledger: ConnectionLedger, overload: Overload, crossOrigin: CrossOrigin) {
        self.rules = rules
        self.ledger = ledger
        self.overload = overload
        self.crossOrigin = crossOrigin
        state = ConnectionState(rules: rules)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let now = { context.eventLoop.now }
        bytes.onRead = { [unowned self] count in state.read(bytes: count, at: now()) }
        bytes.onReadComplete = { [unowned self] in watch(context) }
        do {
            try context.pipeline.syncOperations.addHandler(bytes, position: .first)
        } catch {
            context.close(promise: nil)
        }
        if context.channel.isActive { open(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        if let entry { ledger.leave(entry) }
        entry = nil
        endWork(context)
        bytes.onRead = { _ in }
        bytes.onReadComplete = {}
    }

    func channelActive(context: ChannelHandlerContext) {
        open(context)
        context.fireChannelActive()
    }

    private func open(_ context: ChannelHandlerContext) {
        // tcp(7): bytes that were sent and not acknowledged, or that a full window holds back, end the connection after
        // so many milliseconds. A reader that does not read is found out by the system, with no timer of ours.
        let userTimeout = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 18))
        try? context.channel.syncOptions?.setOption(userTimeout, value: Int(rules.unread.nanoseconds / 1_000_000))
        do throws(ConnectionLedger.Full) {
            entry = try ledger.enter(context.remoteAddress?.ipAddress.flatMap { IPAddress($0) })
        } catch {
            bytes.send(Self.answer("503 Service Unavailable", "Retry-After: 10\r\n"))
            return leave(context)
        }
        state.opened(at: context.eventLoop.now)
        watch(context)
    }

    /// Requests that a client may send without waiting for their answers. Hardly any client does so at all; one that
    /// never reads would otherwise have thousands worked on.
    static let maxPipelined = 100

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isLeaving || hasEnough { return }
        switch Self.unwrapInboundIn(data) {
        case .head where state.answersDue >= Self.maxPipelined:
            (hasEnough, isClientClosing) = (true, true)
            return
        case .head(let head):
            state.readHead(at: context.eventLoop.now)
            isClientClosing = isClientClosing || Self.closes(head.headerFields)
            let load = RequestLoad(head)
            isWork = load == .work
            // Answers come in the order of their requests: only a client that waits for them can be refused here.
            let isShed = load != .exempt && state.answersDue == 1 && !overload.admits()
            shedding = isShed ? head : nil
            // A short rest of the request is waited for, so that the connection can stay.
            if isShed, !Self.isShort(head.headerFields) { shed(head, context) }
        case .body: break
        case .end:
            state.readEnd()
            if let shedding {
                if !isLeaving { shed(shedding, context) }
            } else {
                waiting.append(isWork)
                beginWork(context)
            }
        }
        if shedding == nil { context.fireChannelRead(data) }
    }

    private func beginWork(_ context: ChannelHandlerContext) {
        guard workingSince == nil, waiting.first == true else { return }
        workingSince = context.eventLoop.now
        overload.begin()
    }

    private func endWork(_ context: ChannelHandlerContext) {
        guard let since = workingSince else { return }
        workingSince = nil
        overload.end(after: .nanoseconds((context.eventLoop.now - since).nanoseconds))
    }

    /// Answers before anything has been spent on the request.
    private func shed(_ head: HTTPRequest, _ context: ChannelHandlerContext) {
        let answer = Problem.overloaded("There is too much to do just now.", after: 1).content(
            requestID: JobID.make().description)
        var fields = answer.headers
        crossOrigin.add(to: &fields, origin: head.headerFields[.origin])
        fields[.contentLength] = String(answer.body.count)
        write(context, .head(HTTPResponse(status: .serviceUnavailable, headerFields: fields)))
        if head.method != .head { write(context, .body(ByteBuffer(bytes: answer.body))) }
        write(context, .end(nil))
        context.flush()
    }

    private func write(_ context: ChannelHandlerContext, _ part: HTTPResponsePart) {
        write(context: context, data: Self.wrapOutboundOut(part), promise: nil)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch Self.unwrapOutboundIn(data) {
        case .head(var head) where head.status.kind != .informational:
            // Who has sent more requests than its limit allows, without waiting for answers, has to come again.
            let isFlood = head.status == .tooManyRequests && state.answersDue > 1
            let isClosing =
                isFlood || Self.closes(head.headerFields) || (isClientClosing && state.answersDue == 1)
            if waiting.popFirst() != nil { endWork(context) }
            if state.beginAnswer(isClosing: isClosing) { head.headerFields[.connection] = "close" }
            context.write(Self.wrapOutboundOut(.head(head)), promise: promise)
        case .head(let head):
            if head.status == .switchingProtocols { state.upgraded() }
            context.write(data, promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            let isLast = state.isLastAnswer
            state.endAnswer()
            context.write(data, promise: promise)
            if isLast { return leave(context) }
            beginWork(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .headerOverflow? = error as? HTTPParserError, state.answersDue == 0 {
            bytes.send(Self.answer("431 Request Header Fields Too Large"))
            return leave(context)
        }
        context.fireErrorCaught(error)
    }

    /// Looks at the clock now, and again when something is due.
    private func watch(_ context: ChannelHandlerContext) {
        guard !isLeaving else { return }
        switch state.check(at: context.eventLoop.now, isReading: bytes.isReading) {
        case .fine: break
        case .wait(let time):
            // One that rings too early does no harm: it looks again.
            guard timer == nil || time < timerDeadline else { return }
            timer?.cancel()
            timerDeadline = time
            timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: time) { [self] in
                timer = nil
                watch(context)
            }
        case .tooSlow(let mayAnswer):
            if mayAnswer { bytes.send(Self.answer("408 Request Timeout")) }
            leave(context)
        }
    }

    private func leave(_ context: ChannelHandlerContext) {
        guard !isLeaving else { return }
        isLeaving = true
        timer?.cancel()
        bytes.sayGoodbye()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: rules.farewell) { context.close(promise: nil) }
    }

    private static func isShort(_ headers: HTTPFields) -> Bool {
        if headers.contains(.transferEncoding) || headers.contains(.expect) { return false }
        return headers[.contentLength].map { Int($0) ?? .max < 65_536 } ?? true
    }

    private static func closes(_ headers: HTTPFields) -> Bool {
        headers[values: .connection].contains { value in
            value.split(separator: ",").contains { $0.trimmed.lowercased() == "close" }
        }
    }

    private static func answer(_ status: String, _ more: String = "") -> String {
        "HTTP/1.1 \(status)\r\n\(more)Connection: close\r\nContent-Length: 0\r\n\r\n"
    }
}
