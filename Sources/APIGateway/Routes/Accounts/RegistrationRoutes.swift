import Domain
import Hummingbird
import Store

/// `/api/v1/auth/register`, and the mails that verify an address.
struct RegistrationRoutes: Sendable {
    let accounts: Accounts

    func mount(on router: RouterGroup<GatewayContext>) {
        router.post("register", use: register)
        router.post("request-verify-token", use: requestToken)
        router.post("verify", use: verify)
    }

    @Sendable func register(_ request: Request, context: GatewayContext) async throws -> Response {
        let posted = try await BodyReader.read(PostedRegistration.self, request)
        let user = try await accounts.register(posted.registration, from: Origin(request, context))
        return .json(UserAnswer(user).bytes, status: .created)
    }

    @Sendable func requestToken(_ request: Request, context: GatewayContext) async throws -> Response {
        try await accounts.requestVerification(BodyReader.read(PostedAddress.self, request).email)
        return .accepted
    }

    @Sendable func verify(_ request: Request, context: GatewayContext) async throws -> Response {
        let posted = try await BodyReader.read(PostedToken.self, request)
        let user = try await accounts.verify(posted.token, from: Origin(request, context))
        return .json(UserAnswer(user).bytes)
    }
}

struct PostedRegistration: Decodable {
    let registration: Accounts.Registration

    private enum CodingKeys: String, CodingKey { case email, password, name }

    init(from decoder: any Decoder) throws {
        var fields = FieldReader(try decoder.container(keyedBy: CodingKeys.self))
        let email = try fields.email(.email)
        let password = try fields.password(.password)
        let name = try fields.name(.name, 0...User.maxNameCharacters) ?? ""
        try fields.finish()
        guard let email, let password else { throw fields.invalid }
        registration = Accounts.Registration(email: email, password: password, name: name)
    }
}

/// `{"email": …}`
struct PostedAddress: Decodable {
    let email: EmailAddress

    private enum CodingKeys: String, CodingKey { case email }

    init(from decoder: any Decoder) throws {
        var fields = FieldReader(try decoder.container(keyedBy: CodingKeys.self))
        let email = try fields.email(.email)
        try fields.finish()
        guard let email else { throw fields.invalid }
        self.email = email
    }
}

/// `{"token": …}`: what a mail's link holds.
struct PostedToken: Decodable {
    let token: String
}
