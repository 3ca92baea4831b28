import Glibc

/// The server's side of one connection, blocking.
struct TestConnection: Sendable {
    let socket: Int32

    struct Request: Sendable {
        var line: String
        var headers: [String]
        var body: [UInt8]

        func header(_ name: String) -> String? {
            headers.first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { $0.dropFirst(name.count + 1).trimmingPrefix { $0 == " " } }.map(String.init)
        }
    }

    /// The next request with its body, or `nil` when the client has closed.
    func readRequest() -> Request? {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard let byte = read(1)?.first else { return nil }
            head.append(byte)
        }
        var lines = String(decoding: head.dropLast(4), as: UTF8.self).components(by: "\r\n")
        let line = lines.removeFirst()
        var request = Request(line: line, headers: lines, body: [])
        if let count = request.header("Content-Length").flatMap(Int.init), count > 0 {
            while request.body.count < count {
                guard let bytes = read(count - request.body.count) else { return nil }
                request.body += bytes
            }
        }
        return request
    }

    /// Up to `count` bytes, or `nil` at the end.
    func read(_ count: Int) -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, recv(socket, buffer.baseAddress, count, 0))
        }
        return bytes.isEmpty ? nil : bytes
    }

    /// False when the client is gone.
    @discardableResult
    func write(_ text: String) -> Bool {
        write(Array(text.utf8)) == text.utf8.count
    }

    /// How many bytes the socket took: fewer than given when the client is gone or a send timeout passed.
    func write(_ bytes: [UInt8]) -> Int {
        var sent = 0
        while sent < bytes.count {
            let flags = Int32(MSG_NOSIGNAL)
            let count = bytes[sent...].withUnsafeBytes { send(socket, $0.baseAddress, $0.count, flags) }
            guard count > 0 else { return sent }
            sent += count
        }
        return sent
    }

    /// A complete answer.
    @discardableResult
    func answer(_ body: String, status: String = "200 OK", headers: [String] = []) -> Bool {
        let head = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
        return write(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    func startChunked(_ type: String = "text/event-stream") {
        write("HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n")
    }

    @discardableResult
    func chunk(_ text: String) -> Bool {
        write(String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n")
    }

    func endChunks() {
        write("0\r\n\r\n")
    }

    /// Blocks until the client closes (or resets), at most for `seconds`; whether it did.
    func waitForClose(seconds: Int = 10) -> Bool {
        var poll = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, Int32(seconds * 1000)) > 0 else { return false }
        return read(1) == nil
    }

    func setSendTimeout(milliseconds: Int) {
        var time = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// The next close sends a reset.
    func resetOnClose() {
        var value = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }
}

extension String {
    fileprivate func components(by separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
