/// Where a server listens: `127.0.0.1:9464`, `[::1]:9464`, or `0.0.0.0:0` for any free port.
package struct ListenAddress: Sendable, Equatable {
    package var host: String
    package var port: UInt16

    /// `nil` when host or port is missing or malformed.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, isBracketed || !host.contains(":"), !host.contains(where: \.isWhitespace) else {
            return nil
        }
        (self.host, self.port) = (String(host), port)
    }
}

extension SettingsReader {
    /// METRICS_ADDRESS: where a process tells about itself. `nil`: nowhere.
    package mutating func metricsAddress() -> ListenAddress? {
        guard let text = optionalText("metrics.address") else { return nil }
        guard let address = ListenAddress(text) else {
            report("metrics.address", "must be an address and a port such as 127.0.0.1:9464")
            return nil
        }
        return address
    }
}
