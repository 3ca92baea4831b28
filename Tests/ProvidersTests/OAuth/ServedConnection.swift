import Glibc

/// The server's side of one connection, blocking.
struct ServedConnection {
    let socket: Int32

    /// The next request with its body, or `nil` when the client has closed.
    func readRequest(_ number: Int) -> ProviderServer.Request? {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard let byte = read(1)?.first else { return nil }
            head.append(byte)
        }
        let lines = String(decoding: head.dropLast(4), as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ").map(String.init)
        let headers = lines.dropFirst().compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        var request = ProviderServer.Request(
            method: words[0], path: words[1], headers: Dictionary(headers) { first, _ in first }, body: [],
            connection: number)
        let count = request.headers["content-length"].flatMap(Int.init) ?? 0
        while request.body.count < count {
            guard let bytes = read(count - request.body.count) else { return nil }
            request.body += bytes
        }
        return request
    }

    func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Blocks until the client closes.
    func waitForClose() {
        while read(1) != nil {}
    }

    private func read(_ count: Int) -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, recv(socket, buffer.baseAddress, count, 0))
        }
        return bytes.isEmpty ? nil : bytes
    }
}
