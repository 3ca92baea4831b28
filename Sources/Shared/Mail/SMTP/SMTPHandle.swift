import CCurl
internal import Glibc

/// One libcurl easy handle with its list of recipients, freed with the value.
struct SMTPHandle: ~Copyable {
    let pointer: UnsafeMutableRawPointer
    private let recipients: Recipients

    /// libcurl does not take an option.
    struct Refused: Error { let code: CURLcode }

    /// The list has to outlive the transfer: https://curl.se/libcurl/c/CURLOPT_MAIL_RCPT.html
    private final class Recipients {
        var list: UnsafeMutablePointer<curl_slist>?
        deinit { curl_slist_free_all(list) }
    }

    init?() {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        recipients = Recipients()
    }

    deinit { curl_easy_cleanup(pointer) }

    func describe(
        _ server: SMTPServer, _ limits: SMTPLimits, left: Duration, caBundle: String?
    ) throws(Refused) {
        try set(CURLOPT_URL, server.url)
        try set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_QUICK_EXIT, 1)
        // An empty proxy also turns the proxy variables of the environment off.
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_TIMEOUT_MS, Self.milliseconds(left))
        try set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(min(left, limits.connect)))
        try set(CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, Int(limits.reply.components.seconds)))
        if let user = server.user {
            try set(CURLOPT_USERNAME, user)
            try set(CURLOPT_PASSWORD, server.password ?? "")
        }
        try set(
            CURLOPT_USE_SSL, Int(server.encryption == .required ? CURLUSESSL_ALL.rawValue : CURLUSESSL_NONE.rawValue))
        try set(CURLOPT_SSLVERSION, ccurl_tls_1_2)
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        if let caBundle {
            try set(CURLOPT_CAINFO, caBundle)
            try check(ccurl_set_string(pointer, CURLOPT_CAPATH, nil))
        }
    }

    func address(from: String, to: String) throws(Refused) {
        try set(CURLOPT_MAIL_FROM, from)
        guard let list = curl_slist_append(nil, to) else { throw Refused(code: CURLE_OUT_OF_MEMORY) }
        recipients.list = list
        try check(ccurl_set_recipients(pointer, list))
    }

    /// The exchange has to outlive the transfer.
    func carry(_ exchange: SMTPExchange) throws(Refused) {
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        try set(CURLOPT_UPLOAD, 1)
        try check(ccurl_set_read(pointer, Self.fill, context))
        try set(CURLOPT_VERBOSE, 1)
        try check(ccurl_set_debug(pointer, Self.note, context))
        try set(CURLOPT_NOPROGRESS, 0)
        try check(ccurl_set_progress(pointer, Self.mayGoOn, context))
    }

    /// Ends the connection under libcurl, which would otherwise say QUIT to a server that answers no more, and wait two
    /// minutes for its good-bye.
    func hangUp() {
        var descriptor: curl_socket_t = -1
        guard ccurl_get_socket(pointer, &descriptor) == CURLE_OK, descriptor >= 0 else { return }
        _ = shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// libcurl asks at least once a second, also while it waits for the last answer, where nothing wakes it.
    private static let mayGoOn: curl_xferinfo_callback = { context, _, _, _, _ in
        guard let context else { return 0 }
        return Unmanaged<SMTPExchange>.fromOpaque(context).takeUnretainedValue().isCancelled() ? 1 : 0
    }

    private static let fill: curl_read_callback = { buffer, size, count, context in
        guard let buffer, let context else { return 0 }
        let exchange = Unmanaged<SMTPExchange>.fromOpaque(context).takeUnretainedValue()
        return exchange.fill(UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
    }

    private static let note: curl_debug_callback = { _, kind, text, count, context in
        guard let text, let context else { return 0 }
        let exchange = Unmanaged<SMTPExchange>.fromOpaque(context).takeUnretainedValue()
        text.withMemoryRebound(to: UInt8.self, capacity: count) { bytes in
            let line = UnsafeBufferPointer(start: bytes, count: count)
            if kind == CURLINFO_HEADER_IN { exchange.received(line) }
            if kind == CURLINFO_HEADER_OUT { exchange.commanded(line) }
        }
        return 0
    }

    private func set(_ option: CURLoption, _ value: Int) throws(Refused) {
        try check(ccurl_set_long(pointer, option, value))
    }

    /// libcurl keeps a copy.
    private func set(_ option: CURLoption, _ value: String) throws(Refused) {
        try check(ccurl_set_string(pointer, option, value))
    }

    private func check(_ code: CURLcode) throws(Refused) {
        guard code == CURLE_OK else { throw Refused(code: code) }
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
