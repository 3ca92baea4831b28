import HTTPTypes
import Settings

/// Who may say for whom a request is forwarded. What anybody else says about it is not read.
struct TrustedProxies: Sendable {
    var networks: [IPNetwork] = []

    /// Entries that are looked at: a chain of proxies is short.
    static let maxHops = 16

    init(_ networks: [IPNetwork] = []) { self.networks = networks }

    /// TRUSTED_PROXIES: addresses and networks, separated by commas.
    init(from reader: inout SettingsReader) {
        for entry in (reader.optionalText("trusted.proxies") ?? "").split(separator: ",") {
            let text = entry.trimmed
            guard let network = IPNetwork(text) else {
                reader.report(
                    "trusted.proxies", "must be addresses and networks such as 10.0.0.0/8, 2001:db8::/32, with commas")
                return
            }
            networks.append(network)
        }
    }

    func contains(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }

    /// The client that a request comes from, and whether it came encrypted.
    /// - Parameter peer: at the other end of the connection.
    func client(peer: IPAddress, _ headers: HTTPFields) -> (address: IPAddress, isEncrypted: Bool) {
        guard contains(peer) else { return (peer, false) }
        let scheme = headers[values: .xForwardedProto].last?.split(separator: ",").last.map { $0.trimmed.lowercased() }
        return (forwarded(by: peer, headers), scheme == "https")
    }

    /// Each proxy adds whom it heard from at the right. The first one from there that nobody vouches for is the client;
    /// what stands left of it, anybody could have written.
    private func forwarded(by peer: IPAddress, _ headers: HTTPFields) -> IPAddress {
        let entries = headers[values: .xForwardedFor].joined(separator: ",").split(
            separator: ",", omittingEmptySubsequences: false)
        var client = peer
        for entry in entries.suffix(Self.maxHops).reversed() {
            guard let address = Self.address(entry.trimmed) else { return client }
            client = address
            if !contains(address) { return client }
        }
        return client
    }

    /// An address as proxies write it: bare, or with a port, IPv6 then in brackets.
    private static func address(_ text: Substring) -> IPAddress? {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || isPort(rest) else { return nil }
            return IPAddress(text[text.index(after: text.startIndex)..<end])
        }
        if let address = IPAddress(text) { return address }
        guard let colon = text.firstIndex(of: ":"), isPort(text[colon...]) else { return nil }
        return IPAddress(text[..<colon])
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.first == ":" && text.dropFirst().utf8.allSatisfy { (48...57).contains($0) }
            && UInt16(text.dropFirst()) != nil
    }
}

extension StringProtocol {
    /// Without spaces and tabs at either end.
    var trimmed: SubSequence {
        guard let first = firstIndex(where: { $0 != " " && $0 != "\t" }),
            let last = lastIndex(where: { $0 != " " && $0 != "\t" })
        else { return self[startIndex..<startIndex] }
        return self[first...last]
    }
}

extension HTTPField.Name {
    static let xForwardedFor = HTTPField.Name("X-Forwarded-For")!
    static let xForwardedProto = HTTPField.Name("X-Forwarded-Proto")!
}
