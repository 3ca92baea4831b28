import Domain
import Hummingbird
import Store

/// `/api/v1/auth/me`, also at `/api/v1/users/me`, where fastapi-users' clients look for it.
struct ProfileRoutes: Sendable {
    let accounts: Accounts

    /// - Parameter router: at `/api/v1`.
    func mount(on router: RouterGroup<GatewayContext>) {
        for path in ["auth/me", "users/me"] {
            let route = router.group(RouterPath(path))
            route.get(use: show)
            route.patch(use: change)
            route.delete(use: delete)
        }
    }

    @Sendable func show(_ request: Request, context: GatewayContext) async throws -> Response {
        .json(UserAnswer(try await accounts.user(context.requireUser())).bytes)
    }

    @Sendable func change(_ request: Request, context: GatewayContext) async throws -> Response {
        let id = try context.requireUser()
        let posted = try await BodyReader.read(PostedProfile.self, request)
        let origin = Origin(request, context)
        if let password = posted.password {
            try await accounts.changePassword(
                of: id, session: context.principal?.session, from: posted.currentPassword ?? "", to: password,
                origin: origin)
        }
        if let email = posted.email {
            // A password that was changed a line above is the current one now.
            let current = posted.password ?? posted.currentPassword ?? ""
            _ = try await accounts.changeEmail(of: id, to: email, password: current, origin: origin)
        }
        if let name = posted.name { _ = try await accounts.rename(id, to: name) }
        return .json(UserAnswer(try await accounts.user(id)).bytes)
    }

    @Sendable func delete(_ request: Request, context: GatewayContext) async throws -> Response {
        let id = try context.requireUser()
        let posted = try await BodyReader.read(PostedDeletion.self, request)
        try await accounts.delete(id, password: posted.currentPassword, origin: Origin(request, context))
        var response = Response(status: .noContent)
        SessionCookie.clear(on: &response)
        return response
    }
}

struct PostedProfile: Decodable {
    let name: String?
    let email: EmailAddress?
    let password: String?
    /// Needed to change address or password.
    let currentPassword: String?

    private enum CodingKeys: String, CodingKey {
        case name, email, password
        case currentPassword = "current_password"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        var fields = FieldReader(container)
        name = try fields.name(.name, 0...User.maxNameCharacters)
        email = try container.contains(.email) ? fields.email(.email) : nil
        password = try container.contains(.password) ? fields.password(.password) : nil
        currentPassword = try container.contains(.currentPassword) ? fields.password(.currentPassword) : nil
        if email != nil || password != nil, currentPassword == nil {
            fields.report(.currentPassword, "is missing: a new address or password needs it")
        }
        try fields.finish()
    }
}

/// `{"current_password": …}`: nobody deletes an account in passing.
struct PostedDeletion: Decodable {
    let currentPassword: String?

    private enum CodingKeys: String, CodingKey { case currentPassword = "current_password" }
}
