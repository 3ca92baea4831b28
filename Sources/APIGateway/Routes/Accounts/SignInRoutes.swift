import Domain
import HTTPTypes
import Hummingbird
import Vault

/// `/api/v1/auth/jwt`, `refresh` and `csrf`: sessions begin, go on and end.
struct SignInRoutes: Sendable {
    let accounts: Accounts
    let sites: SiteCheck

    /// - Parameters:
    ///   - open: takes requests of anybody.
    ///   - own: takes those of somebody who has signed in.
    func mount(open: RouterGroup<GatewayContext>, own: RouterGroup<GatewayContext>) {
        open.post("jwt/login", use: login)
        open.post("refresh", use: refresh)
        own.post("jwt/logout", use: logout)
        own.get("csrf", use: csrf)
    }

    /// Takes a form, as OAuth2's password grant and fastapi-users have it, or JSON.
    @Sendable func login(_ request: Request, context: GatewayContext) async throws -> Response {
        let posted = try await PostedLogin.read(request)
        // Nobody else's page signs a browser in, into an account of its choice.
        if posted.wantsCookie, sites.isForeign(request.headers, host: request.head.authority) {
            throw Problem.csrfFailed
        }
        let signIn = try await accounts.signIn(
            EmailAddress(posted.address), password: posted.password, from: Origin(request, context))
        if posted.wantsCookie { return try cookie(for: signIn) }
        return Self.answer(try accounts.tokens(for: signIn))
    }

    private func cookie(for signIn: SignIn) throws -> Response {
        let csrf = accounts.credentials.csrf.text(session: signIn.session.uuid)
        var writer = JSONWriter(capacity: 160)
        writer.object { object in
            object.field("csrf_token", csrf)
            object.field("session_id", signIn.session.description)
        }
        var response = Response.json(writer)
        SessionCookie.set(
            accounts.credentials.session.text(user: signIn.user.uuid, session: signIn.session.uuid), csrf: csrf,
            lifeDays: accounts.settings.sessionDays, on: &response)
        return response
    }

    @Sendable func refresh(_ request: Request, context: GatewayContext) async throws -> Response {
        let posted = try await BodyReader.read(PostedRefresh.self, request)
        return Self.answer(try await accounts.refresh(posted.refreshToken, from: Origin(request, context)))
    }

    @Sendable func logout(_ request: Request, context: GatewayContext) async throws -> Response {
        let user = try context.requireUser()
        if let session = context.principal?.session {
            try await accounts.signOut(SignIn(user: user, session: session), from: Origin(request, context))
        }
        var response = Response(status: .noContent)
        SessionCookie.clear(on: &response)
        return response
    }

    /// The token a page sends with what changes something; made anew when its cookie is gone.
    @Sendable func csrf(_ request: Request, context: GatewayContext) async throws -> Response {
        _ = try context.requireUser()
        guard let session = context.principal?.session else { throw Problem.notFound("session of a browser") }
        let cookies = Cookies(request.headers)
        let known = cookies[SessionCookie.csrfName].flatMap { text in
            accounts.credentials.csrf.isValid(text, session: session.uuid) ? String(text) : nil
        }
        let token = known ?? accounts.credentials.csrf.text(session: session.uuid)
        var writer = JSONWriter(capacity: 120)
        writer.object { $0.field("csrf_token", token) }
        var response = Response.json(writer)
        if known == nil, let text = cookies[SessionCookie.name] {
            SessionCookie.set(
                String(text), csrf: token, lifeDays: accounts.settings.sessionDays, on: &response)
        }
        return response
    }

    private static func answer(_ tokens: Accounts.Tokens) -> Response {
        var writer = JSONWriter(capacity: 1024)
        writer.object { object in
            object.field("access_token", tokens.access)
            object.field("token_type", "bearer")
            object.field("expires_in", tokens.expiresInSeconds)
            object.field("refresh_token", tokens.refresh)
        }
        return .json(writer)
    }
}

struct PostedRefresh: Decodable {
    let refreshToken: String

    private enum CodingKeys: String, CodingKey { case refreshToken = "refresh_token" }
}

struct PostedLogin: Decodable {
    /// As it was typed: what is no address is answered like one without an account.
    let address: String
    let password: String
    let wantsCookie: Bool

    private enum CodingKeys: String, CodingKey { case email, username, password, cookie }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        var fields = FieldReader(container)
        let email = try container.decodeIfPresent(String.self, forKey: .email)
        let username = try container.decodeIfPresent(String.self, forKey: .username)
        let address = email ?? username
        if address == nil { fields.report(.email, "is missing") }
        let password = try fields.password(.password)
        let wantsCookie = try container.decodeIfPresent(Bool.self, forKey: .cookie)
        try fields.finish()
        guard let address, let password else { throw fields.invalid }
        self.init(address: address, password: password, wantsCookie: wantsCookie ?? false)
    }

    private init(address: String, password: String, wantsCookie: Bool) {
        self.address = address
        self.password = password
        self.wantsCookie = wantsCookie
    }

    static func read(_ request: Request) async throws -> PostedLogin {
        guard FormReader.isForm(request) else { return try await BodyReader.read(PostedLogin.self, request) }
        let bytes = try await BodyReader.bytes(request, isForm: true)
        guard let fields = FormReader.fields(bytes) else { throw Problem.malformed("The form is not UTF-8.") }
        guard let username = fields["username"] else { throw Problem.invalid("username", "is missing") }
        guard let password = fields["password"] else { throw Problem.invalid("password", "is missing") }
        guard password.utf8.count <= FieldReader<CodingKeys>.maxPasswordBytes else {
            throw Problem.invalid("password", "is too long")
        }
        return PostedLogin(address: username, password: password, wantsCookie: fields["cookie"] == "true")
    }
}
