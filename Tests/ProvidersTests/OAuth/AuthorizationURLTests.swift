import Domain
import HTTPTransport
import Testing

@testable import Providers

@Suite struct AuthorizationURLTests {
    private let catalog = ProviderCatalog(
        settings: Dictionary(
            uniqueKeysWithValues: ProviderCatalog.known.map {
                ($0.name, OAuthClient(clientID: "errand id", clientSecret: "s3cret"))
            }), transport: makeTransport(egress: .publicOnly))

    private var request: AuthorizationRequest {
        AuthorizationRequest(
            state: "st&te", codeChallenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            redirectURI: "https://errand.example.com/api/v1/integrations/callback?x=1")
    }

    private func provider(_ name: StaticString) throws -> any OAuthProvider {
        try #require(catalog[ProviderName(name)])
    }

    private static let common = [
        "client_id": "errand id", "response_type": "code", "state": "st&te",
        "redirect_uri": "https://errand.example.com/api/v1/integrations/callback?x=1",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256",
    ]

    private func check(_ url: String, _ endpoint: String, _ own: [String: String]) throws {
        #expect(url.prefix { $0 != "?" } == endpoint)
        #expect(!url.contains("+") && !url.contains("s3cret"))
        #expect(try parameters(of: url) == Self.common.merging(own) { $1 })
    }

    @Test func `Google is asked for offline access, consent and what was granted before`() throws {
        let url = try provider("google").authorizationURL(request)
        try check(
            url, "https://accounts.google.com/o/oauth2/v2/auth",
            [
                "scope": "openid email profile https://www.googleapis.com/auth/calendar.events "
                    + "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
                "access_type": "offline", "prompt": "consent", "include_granted_scopes": "true",
            ])
    }

    @Test func `Google is asked for the features named, in its own order, for the account hinted at`() throws {
        var request = request
        request.features = ["sheets", "mail"]
        request.loginHint = "ada@example.com"
        let parameters = try parameters(of: provider("google").authorizationURL(request))
        #expect(
            parameters["scope"] == "openid email profile https://www.googleapis.com/auth/gmail.readonly "
                + "https://www.googleapis.com/auth/drive.file")
        #expect(parameters["login_hint"] == "ada@example.com")
    }

    @Test func `Microsoft is asked for a refresh token, and which account`() throws {
        let url = try provider("microsoft").authorizationURL(request)
        try check(
            url, "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
            [
                "scope": "openid email profile offline_access https://graph.microsoft.com/Calendars.ReadWrite",
                "response_mode": "query", "prompt": "select_account",
            ])
    }

    @Test func `Microsoft's scopes widen those of the connection, in whichever form they were granted`() throws {
        var request = request
        request.features = ["mail"]
        request.grantedScopes = ["Calendars.ReadWrite", "openid", "mail.read"]
        request.loginHint = "ada@example.com"
        let parameters = try parameters(of: provider("microsoft").authorizationURL(request))
        #expect(
            parameters["scope"]
                == "openid email profile offline_access https://graph.microsoft.com/Mail.Read Calendars.ReadWrite")
        #expect(parameters["prompt"] == nil)
    }

    @Test func `a Microsoft directory of one's own stands in the path`() throws {
        let client = OAuthClient(clientID: "c", clientSecret: "s", directory: "contoso.onmicrosoft.com")
        let url = try MicrosoftOAuth(client: client, transport: makeTransport(), now: { noon }).authorizationURL(
            request)
        #expect(url.hasPrefix("https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/authorize?"))
    }

    @Test func `Notion is asked for a user's pages and no scopes`() throws {
        let url = try provider("notion").authorizationURL(request)
        try check(url, "https://api.notion.com/v1/oauth/authorize", ["owner": "user"])
    }

    @Test func `Canvas is asked at the tenant's host, for new scopes and those it has`() throws {
        var request = request
        request.host = "School.Instructure.com"
        request.features = ["calendar"]
        request.grantedScopes = ["url:GET|/api/v1/courses"]
        let url = try provider("canvas").authorizationURL(request)
        try check(
            url, "https://school.instructure.com/login/oauth2/auth",
            ["scope": "url:GET|/api/v1/calendar_events url:GET|/api/v1/courses"])
    }

    @Test func `an address in place of the provider's keeps its paths`() throws {
        for (type, path) in [
            ("google", "/o/oauth2/v2/auth"), ("microsoft", "/common/oauth2/v2.0/authorize"),
            ("notion", "/v1/oauth/authorize"), ("canvas", "/login/oauth2/auth"),
        ] {
            let name = try #require(ProviderName(rawValue: type))
            let client = OAuthClient(clientID: "c", clientSecret: "s", baseURL: "http://127.0.0.1:9/\(type)/")
            let catalog = ProviderCatalog(settings: [name: client], transport: makeTransport())
            var request = request
            request.host = type == "canvas" ? "school.instructure.com" : nil
            let url = try #require(catalog[name]).authorizationURL(request)
            #expect(url.hasPrefix("http://127.0.0.1:9/\(type)\(path)?"))
        }
    }

    // MARK: Refusals

    @Test(arguments: ["google", "microsoft", "notion", "canvas"] as [String])
    func `an unknown feature is refused by name`(name: String) throws {
        var request = request
        request.features = ["calendar", "wishes"]
        request.host = name == "canvas" ? "school.instructure.com" : nil
        let provider = try #require(ProviderName(rawValue: name).flatMap { catalog[$0] })
        let error = #expect(throws: InvalidCommand.self) { try provider.authorizationURL(request) }
        #expect(error?.problems.map(\.field) == ["features"])
    }

    @Test(arguments: ["google", "microsoft", "notion"] as [String])
    func `a host is refused where everybody has the same`(name: String) throws {
        var request = request
        request.host = "school.instructure.com"
        let provider = try #require(ProviderName(rawValue: name).flatMap { catalog[$0] })
        let error = #expect(throws: InvalidCommand.self) { try provider.authorizationURL(request) }
        #expect(error?.problems.map(\.field) == ["host"])
    }

    @Test(arguments: [nil, "", "127.0.0.1", "school", "https://school.instructure.com"] as [String?])
    func `Canvas needs the name of a public host`(host: String?) throws {
        var request = request
        request.host = host
        let error = #expect(throws: InvalidCommand.self) { try provider("canvas").authorizationURL(request) }
        #expect(error?.problems.map(\.field) == ["host"])
    }

    @Test(arguments: ["canvas.example.org", "instructure.com", "instructure.com.example.org", "xinstructure.com"])
    func `nobody is sent to a host that the operators do not allow`(host: String) throws {
        var request = request
        request.host = host
        let error = #expect(throws: InvalidCommand.self) { try provider("canvas").authorizationURL(request) }
        #expect(error?.problems.map(\.field) == ["host"])
        #expect(error.map { "\($0)" }?.contains("CANVAS_HOSTS") == true)
    }
}
