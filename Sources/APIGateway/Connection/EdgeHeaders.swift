import HTTPTypes

/// Completes the answers that no middleware sees, so that they say what all others say.
struct EdgeHeaders: Sendable {
    let crossOrigin: CrossOrigin
    let proxies: TrustedProxies
    private let date = DateField()

    init(crossOrigin: CrossOrigin, proxies: TrustedProxies) {
        self.crossOrigin = crossOrigin
        self.proxies = proxies
    }

    /// - Parameters:
    ///   - request: that is answered. `nil`: what came never became one.
    ///   - peer: at the other end of the connection.
    func complete(_ headers: inout HTTPFields, of request: HTTPRequest?, from peer: IPAddress?) {
        headers[.date] = date.text
        let isEncrypted =
            if let request, let peer { proxies.client(peer: peer, request.headerFields).isEncrypted } else { false }
        SecurityHeaders.add(to: &headers, isEncrypted: isEncrypted)
        crossOrigin.add(to: &headers, origin: request?.headerFields[.origin])
    }
}
