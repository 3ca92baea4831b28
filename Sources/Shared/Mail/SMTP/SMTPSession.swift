import CCurl

/// The connections of one thread: a multi handle that carries one transfer at a time and, unlike a lone easy handle,
/// can be woken.
struct SMTPSession: ~Copyable {
    /// Interrupts the wait of a session's thread.
    // Sendable: curl_multi_wakeup is the one call that any thread may make
    // (https://curl.se/libcurl/c/curl_multi_wakeup.html); the delivery's lock keeps it before the clean-up.
    struct Waker: @unchecked Sendable {
        fileprivate let multi: UnsafeMutableRawPointer?

        func wake() {
            if let multi { _ = curl_multi_wakeup(multi) }
        }
    }

    private static let library = curl_global_init(ccurl_global_all)

    private let server: SMTPServer
    private let limits: SMTPLimits
    private let caBundle: String?
    /// `nil` when libcurl cannot give one.
    private let multi: UnsafeMutableRawPointer?

    init(_ server: SMTPServer, _ limits: SMTPLimits, caBundle: String?) {
        self.server = server
        self.limits = limits
        self.caBundle = caBundle
        multi = Self.library == CURLE_OK ? curl_multi_init() : nil
    }

    deinit { if let multi { _ = curl_multi_cleanup(multi) } }

    /// Sends it and tells who waits.
    func send(_ delivery: SMTPDelivery) {
        guard delivery.begin(Waker(multi: multi)) else { return }
        let exchange = SMTPExchange(delivery.bytes) { delivery.isCancelled }
        let code = transfer(delivery, exchange)
        if code == CURLE_OK {
            delivery.end(.success(()))
        } else if delivery.isCancelled {
            delivery.end(.failure(.cancelled))
        } else {
            delivery.end(.failure(SMTPError(code, at: exchange.stage, reply: exchange.reply, host: server.host)))
        }
    }

    private func transfer(_ delivery: SMTPDelivery, _ exchange: SMTPExchange) -> CURLcode {
        let left = ContinuousClock.now.duration(to: delivery.deadline)
        guard left > .zero else { return CURLE_OPERATION_TIMEDOUT }
        guard let multi, let handle = SMTPHandle() else { return CURLE_FAILED_INIT }
        do throws(SMTPHandle.Refused) {
            try handle.describe(server, limits, left: left, caBundle: caBundle)
            try handle.address(from: delivery.from, to: delivery.to)
            try handle.carry(exchange)
        } catch {
            return error.code
        }
        exchange.stage = .connect
        guard curl_multi_add_handle(multi, handle.pointer) == CURLM_OK else { return CURLE_FAILED_INIT }
        defer { _ = curl_multi_remove_handle(multi, handle.pointer) }
        let code = withExtendedLifetime(exchange) { Self.run(multi, until: exchange.isCancelled) }
        let isRefusal = exchange.reply.map { $0.code >= 400 } ?? false
        if code != CURLE_OK, !isRefusal { handle.hangUp() }
        return code
    }

    private static func run(_ multi: UnsafeMutableRawPointer, until isCancelled: () -> Bool) -> CURLcode {
        var running: Int32 = 1
        while true {
            guard curl_multi_perform(multi, &running) == CURLM_OK else { return CURLE_FAILED_INIT }
            if running == 0 { break }
            if isCancelled() { return CURLE_ABORTED_BY_CALLBACK }
            _ = curl_multi_poll(multi, nil, 0, 1000, nil)
        }
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            if message.pointee.msg == CURLMSG_DONE { return ccurl_message_result(message) }
        }
        return CURLE_FAILED_INIT
    }
}
