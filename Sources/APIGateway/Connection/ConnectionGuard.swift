import Domain
import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

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
    private let edge: EdgeHeaders
    private let bytes = ByteWatch()
    private var state: ConnectionState
    private var timer: Scheduled<Void>?
    private var timerDeadline = NIODeadline.distantFuture
    private var unreadTimer: Scheduled<Void>?
    private var entry: String?
    /// The client wants no further answer.
    private var isClientClosing = false
    private var isLeaving = false
    /// The client has closed its side while its request waited for its turn.
    private var isInputClosed = false
    /// More requests came than may wait for their answers: those that do are answered, the others are passed over.
    private var hasEnough = false
    /// What of the request that comes in now is thrown away: it is refused already.
    private var isShedding = false
    /// The head of the request that comes in now.
    private var head: HTTPRequest?
    /// A request that waits for its turn, and before that for its end.
    private var parked: ParkedRequest?
    /// Whether the request that comes in now is work.
    private var isWork = false
    /// The same of requests that have come completely and are not being answered.
    private var waiting = CircularBuffer<Bool>()
    private var workingSince: NIODeadline?

    init(rules: ConnectionRules, ledger: ConnectionLedger, overload: Overload, edge: EdgeHeaders) {
        self.rules = rules
        self.ledger = ledger
        self.overload = overload
        self.edge = edge
        state = ConnectionState(rules: rules)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let now = { context.eventLoop.now }
        bytes.onRead = { [unowned self] count in state.read(bytes: count, at: now()) }
        bytes.onReadComplete = { [unowned self] in watch(context) }
        do {
            let pipeline = context.pipeline.syncOperations
            try pipeline.addHandler(bytes, position: .first)
            let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            try pipeline.addHandler(HostCheck(), position: .before(codec))
        } catch {
            context.close(promise: nil)
        }
        if context.channel.isActive { open(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        unreadTimer?.cancel()
        if let entry { ledger.leave(entry) }
        entry = nil
        parked = nil
        endWork(context)
        bytes.onRead = { _ in }
        bytes.onReadComplete = {}
    }

    func channelActive(context: ChannelHandlerContext) {
        open(context)
        context.fireChannelActive()
    }

    private func open(_ context: ChannelHandlerContext) {
        // tcp(7): bytes that stay unacknowledged, or unsent because the client takes none, end the connection after so
        // many milliseconds: a client that has gone, or does not read, is found out by the system.
        let userTimeout = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 18))
        try? context.channel.syncOptions?.setOption(userTimeout, value: Int(rules.unread.nanoseconds / 1_000_000))
        do throws(ConnectionLedger.Full) {
            entry = try ledger.enter(Self.peer(context))
        } catch {
            return leave(context, saying: .tooManyConnections)
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
        case .head where state.answersDue >= Self.maxPipelined || parked != nil:
            (hasEnough, isClientClosing) = (true, true)
            return
        case .head(let head): readHead(head, context)
        case .body: break
        case .end:
            head = nil
            state.readEnd()
            if let parked = parked?.ended() { return wait(parked, context) }
            if !isShedding {
                waiting.append(isWork)
                beginWork(context)
            }
        }
        if isShedding { return }
        if parked == nil { context.fireChannelRead(data) } else { parked?.append(Self.unwrapInboundIn(data)) }
    }

    private func readHead(_ head: HTTPRequest, _ context: ChannelHandlerContext) {
        state.readHead(at: context.eventLoop.now)
        self.head = head
        isClientClosing = isClientClosing || Self.closes(head.headerFields)
        let load = RequestLoad(head)
        isWork = load == .work
        isShedding = false
        // Answers come in the order of their requests: only a client that waits for them can be refused here.
        guard load != .exempt, state.answersDue == 1, !overload.admits() else { return }
        parked = ParkedRequest(head, isWork: isWork)
        if parked == nil { shed(head, context) }
    }

    /// Until it is its turn, or it has waited too long.
    private func wait(_ parked: ParkedRequest, _ context: ChannelHandlerContext) {
        self.parked = parked
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let isIn = overload.wait(bytes: parked.bytes, takesPlace: parked.isWork) { isTurn in
            loop.execute {
                let (connection, context) = bound.value
                connection.called(in: isTurn, parked.isWork, context)
            }
        }
        if !isIn { called(in: false, parked.isWork, context) }
    }

    /// The client sends no more, and may still read: a request that waits for its turn is not over by that.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed, parked != nil {
            (isInputClosed, isClientClosing) = (true, true)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func called(in isTurn: Bool, _ takesPlace: Bool, _ context: ChannelHandlerContext) {
        guard let parked, !isLeaving else {
            if isTurn, takesPlace { overload.giveBack() }
            return
        }
        self.parked = nil
        guard isTurn else { return shed(parked.head, context) }
        waiting.append(parked.isWork)
        if parked.isWork { workingSince = context.eventLoop.now }
        for part in parked.parts { context.fireChannelRead(Self.wrapInboundOut(part)) }
        context.fireChannelReadComplete()
        if isInputClosed { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
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
        isShedding = true
        overload.refused()
        let answer = Problem.overloaded("There is too much to do just now.", after: 1).content(
            requestID: JobID.make().description)
        var fields = answer.headers
        edge.complete(&fields, of: head, from: Self.peer(context))
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
        guard let answer = LastAnswer(error) else { return context.fireErrorCaught(error) }
        // Those before it get their answers.
        guard state.mayAnswer else {
            (hasEnough, isClientClosing) = (true, true)
            return
        }
        leave(context, saying: answer)
    }

    /// Answers pile up here when the system's buffer is full as well. A client that takes so little that they still do
    /// after a while does not read.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        unreadTimer?.cancel()
        unreadTimer = nil
        if !context.channel.isWritable {
            unreadTimer = context.eventLoop.assumeIsolated().scheduleTask(in: rules.unread) {
                context.close(promise: nil)
            }
        }
        context.fireChannelWritabilityChanged()
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
        case .tooSlow(let mayAnswer): leave(context, saying: mayAnswer ? .tooSlow : nil)
        }
    }

    private func leave(_ context: ChannelHandlerContext, saying answer: LastAnswer? = nil) {
        guard !isLeaving else { return }
        if let answer { bytes.send(answer.text { edge.complete(&$0, of: head, from: Self.peer(context)) }) }
        isLeaving = true
        timer?.cancel()
        bytes.sayGoodbye()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: rules.farewell) { context.close(promise: nil) }
    }

    private static func peer(_ context: ChannelHandlerContext) -> IPAddress? {
        context.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
    }

    private static func closes(_ headers: HTTPFields) -> Bool {
        headers[values: .connection].contains { value in
            value.split(separator: ",").contains { $0.trimmed.lowercased() == "close" }
        }
    }
}
