import CCurl
internal import Glibc

/// An exchange while the loop's thread carries it out: the easy handle, and what libcurl's callbacks tell about it.
/// The loop holds it from before its handle joins the multi handle until after it left.
final class Transfer {
    let exchange: Exchange
    let easy: EasyHandle
    private(set) var clock: TransferClock
    private let egress: EgressPolicy?
    private let round: TransferRound
    private var parser: HTTPHeadParser
    private var hasHead = false
    private var connectionCount = 0
    private var openedSockets = 0
    /// What a callback found wrong; libcurl itself only says that a callback gave up.
    private var fault: HTTPTransportError?

    init(_ exchange: Exchange, configuration: HTTPTransportConfiguration, round: TransferRound)
        throws(HTTPTransportError)
    {
        self.exchange = exchange
        self.round = round
        egress = configuration.proxy == nil ? configuration.egress : nil
        clock = TransferClock(deadlines: exchange.request.deadlines, start: exchange.start)
        parser = HTTPHeadParser(maxBytes: exchange.request.maxHeaderBytes)
        var easy = try EasyHandle()
        try easy.describe(exchange.request, configuration)
        self.easy = easy
        try connectCallbacks()
        round.noteDeadline(clock.next.at)
    }

    /// How the transfer ended, from libcurl's code and what the callbacks noticed.
    func outcome(_ code: CURLcode) -> Result<Void, HTTPTransportError> {
        let host = exchange.target.address.host
        if code == CURLE_OK, hasHead { return .success(()) }
        if code == CURLE_OK {
            return .failure(HTTPTransportError(CURLE_WEIRD_SERVER_REPLY, host: host, wasConnected: true))
        }
        if let fault { return .failure(fault) }
        // A single line above libcurl's own bound of 100 kB shows as this code, without a call to takeHeader.
        if code == CURLE_OUT_OF_MEMORY, clock.isConnected, !hasHead { return .failure(headersTooLarge) }
        return .failure(HTTPTransportError(code, host: host, wasConnected: clock.isConnected))
    }

    /// Lets a paused transfer go on. The bytes held back are delivered during this call.
    func resume(at now: ContinuousClock.Instant) -> CURLcode {
        clock.received(at: now)
        round.noteDeadline(clock.next.at)
        return curl_easy_pause(easy.pointer, ccurl_pause_none)
    }

    // MARK: libcurl's callbacks

    private func connectCallbacks() throws(HTTPTransportError) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        try easy.set(CURLOPT_PRIVATE, pointer: context)
        try EasyHandle.check(
            ccurl_set_header(
                easy.pointer,
                { bytes, size, count, context in
                    Transfer.from(context).takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
                }, context))
        try EasyHandle.check(
            ccurl_set_write(
                easy.pointer,
                { bytes, size, count, context in
                    Transfer.from(context).takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
                }, context))
        try EasyHandle.check(
            ccurl_set_opensocket(
                easy.pointer, { context, _, address in Transfer.from(context).openSocket(address) }, context))
        try EasyHandle.check(
            ccurl_set_prereq(
                easy.pointer, { context, _, _, _, _ in Transfer.from(context).connectionReady() }, context))
    }

    static func from(_ context: UnsafeMutableRawPointer?) -> Transfer {
        guard let context else { preconditionFailure("libcurl gives back the context it was given") }
        return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    private func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
        clock.received(at: .now)
        round.noteDeadline(clock.next.at)
        switch parser.feed(bytes) {
        case .more: break
        case .head(let head):
            hasHead = true
            exchange.deliver(head)
        case .tooLarge:
            fault = headersTooLarge
            return -1
        }
        return bytes.count
    }

    private var headersTooLarge: HTTPTransportError {
        .headersTooLarge(limitBytes: exchange.request.maxHeaderBytes, host: exchange.target.address.host)
    }

    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch exchange.deliver(bytes) {
        case .taken:
            clock.received(at: .now)
            round.noteNews(exchange)
            return bytes.count
        case .full:
            clock.heldBack()
            return ccurl_write_pause
        case .ended:
            return -1
        }
    }

    /// Asked for every address that libcurl tries: the place where the egress policy cannot be talked around.
    private func openSocket(_ candidate: UnsafeMutablePointer<curl_sockaddr>?) -> curl_socket_t {
        guard let candidate else { return CURL_SOCKET_BAD }
        let byteCount = Int(candidate.pointee.addrlen)
        let address = withUnsafePointer(to: &candidate.pointee.addr) { IPAddress($0, byteCount: byteCount) }
        if let reason = egress?.refusal(of: address, for: exchange.target) {
            if openedSockets == 0, !clock.isConnected {
                fault = .egressRefused(reason: reason, host: exchange.target.address.host)
            }
            return CURL_SOCKET_BAD
        }
        if case .egressRefused = fault { fault = nil }
        openedSockets += 1
        let kind = candidate.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        return socket(candidate.pointee.family, kind, candidate.pointee.`protocol`)
    }

    /// Called when a connection is about to carry the request: once, and again when libcurl found that a kept-alive
    /// connection had died and repeats on a fresh one (https://curl.se/libcurl/c/CURLOPT_PREREQFUNCTION.html).
    private func connectionReady() -> Int32 {
        connectionCount += 1
        clock.connected(at: .now)
        round.noteDeadline(clock.next.at)
        guard connectionCount > 1, !exchange.request.mayRepeat else { return CURL_PREREQFUNC_OK }
        fault = .closedEarly(
            code: Int32(bitPattern: CURLE_GOT_NOTHING.rawValue), host: exchange.target.address.host)
        return CURL_PREREQFUNC_ABORT
    }
}
