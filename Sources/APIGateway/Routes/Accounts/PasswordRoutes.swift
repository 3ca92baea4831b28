import Domain
import Hummingbird

/// `/api/v1/auth/forgot-password`, `reset-password` and `change-password`.
struct PasswordRoutes: Sendable {
    let accounts: Accounts

    func mount(open: RouterGroup<GatewayContext>, own: RouterGroup<GatewayContext>) {
        open.post("forgot-password", use: forgot)
        open.post("reset-password", use: reset)
        own.post("change-password", use: change)
    }

    @Sendable func forgot(_ request: Request, context: GatewayContext) async throws -> Response {
        try await accounts.forgotPassword(BodyReader.read(PostedAddress.self, request).email)
        return .accepted
    }

    @Sendable func reset(_ request: Request, context: GatewayContext) async throws -> Response {
        let posted = try await BodyReader.read(PostedReset.self, request)
        try await accounts.resetPassword(posted.token, to: posted.password, from: Origin(request, context))
        return .json(JSONWriter.null)
    }

    @Sendable func change(_ request: Request, context: GatewayContext) async throws -> Response {
        let user = try context.requireUser()
        let posted = try await BodyReader.read(PostedChange.self, request)
        try await accounts.changePassword(
            of: user, session: context.principal?.session, from: posted.current, to: posted.new,
            origin: Origin(request, context))
        return Response(status: .noContent)
    }
}

struct PostedReset: Decodable {
    let token: String
    let password: String

    private enum CodingKeys: String, CodingKey { case token, password }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        var fields = FieldReader(container)
        token = try container.decode(String.self, forKey: .token)
        let password = try fields.password(.password)
        try fields.finish()
        guard let password else { throw fields.invalid }
        self.password = password
    }
}

struct PostedChange: Decodable {
    let current: String
    let new: String

    private enum CodingKeys: String, CodingKey {
        case current = "current_password"
        case new = "new_password"
    }

    init(from decoder: any Decoder) throws {
        var fields = FieldReader(try decoder.container(keyedBy: CodingKeys.self))
        let current = try fields.password(.current)
        let new = try fields.password(.new)
        try fields.finish()
        guard let current, let new else { throw fields.invalid }
        (self.current, self.new) = (current, new)
    }
}
