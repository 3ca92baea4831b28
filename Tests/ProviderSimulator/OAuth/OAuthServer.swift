import Hummingbird

/// The simulated providers' OAuth side: consent pages, token endpoints and the control calls for them.
struct OAuthServer: Sendable {
    let accounts: Accounts
    let key: SigningKey
    let faults = OAuthFaults()
    let log = OAuthCallLog()

    func add(to router: Router<SimulatorContext>) {
        let endpoint = FaultyEndpoint(faults: faults, log: log)
        AuthorizeRoutes(accounts: accounts, endpoint: endpoint).add(to: router)
        TokenRoutes(accounts: accounts, key: key, endpoint: endpoint).add(to: router)
        RevocationRoutes(accounts: accounts, endpoint: endpoint).add(to: router)
        DiscoveryRoutes(key: key, endpoint: endpoint).add(to: router)
        OAuthControlRoutes(accounts: accounts, faults: faults, log: log).add(to: router)
    }

    static func provider(_ kind: ProviderKind) -> any SimulatedProvider {
        switch kind {
        case .google: GoogleProvider()
        case .microsoft: MicrosoftProvider()
        case .notion: NotionProvider()
        case .canvas: CanvasProvider()
        }
    }
}
