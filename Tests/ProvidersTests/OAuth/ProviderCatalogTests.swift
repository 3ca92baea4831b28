import Domain
import HTTPTransport
import Providers
import Testing

@Suite(.timeLimit(.minutes(1))) struct ProviderCatalogTests {
    private static let client = OAuthClient(clientID: "id", clientSecret: "s3cret-secret")

    @Test func `the catalogue holds what is set up, in the order of registration`() throws {
        let names = ProviderCatalog.known.map { $0.name }
        #expect(names.map(\.rawValue) == ["google", "microsoft", "notion", "canvas"])
        var settings = [ProviderName("unheard_of"): Self.client]
        for name in names { settings[name] = Self.client }
        let catalog = ProviderCatalog(settings: settings, transport: makeTransport(egress: .publicOnly))
        #expect(catalog.providers.map { $0.about.name } == names)
        #expect(catalog[ProviderName("unheard_of")] == nil)
        let one = ProviderCatalog(settings: ["notion": Self.client].byName, transport: makeTransport())
        #expect(one.providers.map { $0.about.title } == ["Notion"])
        #expect(one[ProviderName("google")] == nil)
    }

    @Test func `only Notion's refresh tokens rotate, only Canvas has hosts, and what each revokes`() {
        let abouts = ProviderCatalog(
            settings: Dictionary(uniqueKeysWithValues: ProviderCatalog.known.map { ($0.name, Self.client) }),
            transport: makeTransport(egress: .publicOnly)
        ).providers.map { $0.about }
        #expect(abouts.filter(\.rotatesRefreshTokens).map(\.title) == ["Notion"])
        #expect(abouts.filter(\.needsHost).map(\.title) == ["Canvas"])
        #expect(abouts.map(\.revocation) == [.account, .nothing, .connection, .connection])
        #expect(abouts.allSatisfy { !$0.features.isEmpty })
    }

    @Test func `a callback's issuer is the provider's own or none`() throws {
        let transport = makeTransport(egress: .publicOnly)
        let google = GoogleOAuth(client: Self.client, transport: transport, now: { noon })
        #expect(google.accepts(issuer: nil))
        #expect(google.accepts(issuer: "https://accounts.google.com"))
        #expect(!google.accepts(issuer: "https://accounts.google.com/"))
        #expect(!google.accepts(issuer: ""))
        // What a hostile tenant's host sends on to Google, with our client id, comes back with Google's name.
        let canvas = CanvasOAuth(client: Self.client, transport: transport, now: { noon })
        #expect(canvas.accepts(issuer: nil))
        #expect(!canvas.accepts(issuer: "https://accounts.google.com"))
    }

    @Test func `features are granted when all their scopes are, in any of Microsoft's spellings`() throws {
        let transport = makeTransport(egress: .publicOnly)
        let google = GoogleOAuth(client: Self.client, transport: transport, now: { noon }).about
        let scopes = google.features.flatMap(\.scopes)
        #expect(google.features(grantedBy: scopes + ["openid"]) == ["calendar", "mail", "sheets"])
        #expect(google.features(grantedBy: Array(scopes.dropFirst())) == ["mail", "sheets"])
        #expect(google.features(grantedBy: []) == [])
        let microsoft = MicrosoftOAuth(client: Self.client, transport: transport, now: { noon }).about
        #expect(microsoft.features(grantedBy: ["calendars.readwrite", "profile"]) == ["calendar"])
        #expect(microsoft.features(grantedBy: ["https://graph.microsoft.com/Mail.Read"]) == ["mail"])
        #expect(microsoft.features(grantedBy: ["Mail.ReadBasic"]) == [])
        let notion = NotionOAuth(client: Self.client, transport: transport, now: { noon }).about
        #expect(notion.features(grantedBy: []) == ["pages"])
    }

    @Test func `the egress lets through what the operator put in a provider's place, and the public internet by TLS`()
        async throws
    {
        let server = try ProviderServer { _ in .answer("{}") }
        let settings = ["canvas": OAuthClient(clientID: "i", clientSecret: "s", baseURL: server.origin + "/canvas")]
        let transport = makeTransport(egress: ProviderCatalog.egress(for: settings.byName))
        #expect(try await transport.send(HTTPRequest(url: server.origin + "/canvas/x")).status == 200)
        let other = try ProviderServer { _ in .answer("{}") }
        for url in [other.origin, "http://school.instructure.com/", "https://localhost/"] {
            await #expect(throws: HTTPTransportError.self) { try await transport.send(HTTPRequest(url: url)) }
        }
        #expect(other.requests.isEmpty)
    }

    @Test func `Canvas refuses to start with a transport that reaches everything`() async {
        await #expect(processExitsWith: .failure) {
            let client = OAuthClient(clientID: "id", clientSecret: "secret")
            _ = CanvasOAuth(client: client, transport: makeTransport(egress: .any), now: { noon })
        }
    }

    @Test func `a connection whose host is no public name is called nowhere`() async throws {
        let canvas = CanvasOAuth(client: Self.client, transport: makeTransport(egress: .publicOnly), now: { noon })
        for host in [nil, "127.0.0.1", "169.254.169.254", "localhost", "school.instructure.com/x"] {
            let renewal = RenewalGrant(refreshToken: "r", scopes: [], host: host)
            #expect(try await thrownFailure { _ = try await canvas.renew(renewal) }.code == "invalid_host")
        }
    }

    @Test func `the secret goes to no host that the operators do not allow`() async throws {
        let server = try ProviderServer { _ in .answer(#"{"access_token":"a","expires_in":3600}"#) }
        let client = OAuthClient(
            clientID: "id", clientSecret: "s3cret-secret", baseURL: server.origin, hosts: ["*.School.example.org"])
        let canvas = CanvasOAuth(client: client, transport: makeTransport(), now: { noon })
        for host in ["school.instructure.com", "school.example.org", "xschool.example.org"] {
            let renewal = RenewalGrant(refreshToken: "r", scopes: [], host: host)
            #expect(try await thrownFailure { _ = try await canvas.renew(renewal) }.code == "host_not_allowed")
            let revocation = RevocationGrant(accessToken: "a", refreshToken: "r", host: host)
            #expect(try await thrownFailure { try await canvas.revoke(revocation) }.code == "host_not_allowed")
        }
        #expect(try await thrownFailure { _ = try await canvas.exchange(canvasCode) }.code == "host_not_allowed")
        #expect(server.requests.isEmpty)
        let allowed = RenewalGrant(refreshToken: "r", scopes: [], host: "art.school.example.org")
        #expect(try await canvas.renew(allowed).accessToken == "a")
    }

    @Test func `secrets do not show, whatever prints them`() {
        let secrets: [Any] = [
            Self.client, CodeGrant(code: "s3cret", codeVerifier: "s3cret", redirectURI: "s3cret", features: ["s3cret"]),
            RenewalGrant(refreshToken: "s3cret", scopes: []),
            RevocationGrant(accessToken: "s3cret", refreshToken: "s3cret"), TokenGrant(accessToken: "s3cret"),
            AuthorizationRequest(state: "s3cret", codeChallenge: "s3cret", redirectURI: "x"),
            GoogleOAuth(client: Self.client, transport: makeTransport(), now: { noon }),
        ]
        for secret in secrets {
            var dumped = ""
            dump(secret, to: &dumped)
            for text in ["\(secret)", String(reflecting: secret), dumped] { #expect(!text.contains("s3cret")) }
        }
    }
}

extension [String: OAuthClient] {
    fileprivate var byName: [ProviderName: OAuthClient] {
        [ProviderName: OAuthClient](
            uniqueKeysWithValues: compactMap { key, value in ProviderName(rawValue: key).map { ($0, value) } })
    }
}
