import Foundation
import Hummingbird

/// The authorization endpoints: a consent page for people, and `?auto=allow|deny&account=NAME&grant=SCOPES` for tests.
struct AuthorizeRoutes: Sendable {
    let accounts: Accounts
    let endpoint: FaultyEndpoint

    func add(to router: Router<SimulatorContext>) {
        for (path, kind) in [
            ("google/o/oauth2/v2/auth", ProviderKind.google), ("microsoft/{tenant}/oauth2/v2.0/authorize", .microsoft),
            ("notion/v1/oauth/authorize", .notion), ("canvas/login/oauth2/auth", .canvas),
        ] {
            let path = RouterPath(path)
            router.get(path) { try await authorize($0, $1, kind, isAnswer: false) }
            router.post(path) { try await authorize($0, $1, kind, isAnswer: true) }
        }
        router.get("_simulator/consent.css") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/css; charset=utf-8"],
                body: .init(byteBuffer: .init(string: ConsentPage.style)))
        }
    }

    private func authorize(
        _ request: Request, _ context: SimulatorContext, _ kind: ProviderKind, isAnswer: Bool
    ) async throws -> Response {
        let received = try await EndpointRequest(request)
        let provider = OAuthServer.provider(kind)
        var call = OAuthCall(provider: kind, endpoint: .authorize)
        call.clientID = received.query["client_id"]
        let answer = isAnswer ? ConsentAnswer(form: received) : ConsentAnswer(query: received.query)
        call.account = answer?.account
        return try await endpoint.serve(call, context, refuse: provider.reply) {
            do throws(AuthorizationRefusal) {
                try Self.check(tenant: context.parameters.get("tenant"))
                return .init(try respond(received.query, provider, answer))
            } catch .page(let status, let error, let text) {
                return .init(ConsentPage.refusal(kind, status: status, error: error, text: text), outcome: error)
            } catch .redirect(let error, _) {
                return .init(Response(status: .badRequest), outcome: error)
            }
        }
    }

    private static func check(tenant: String?) throws(AuthorizationRefusal) {
        guard let tenant, !MicrosoftProvider.isKnown(tenant: tenant) else { return }
        throw .page(status: 400, error: "invalid_request", text: "AADSTS90002: Tenant '\(tenant)' not found.")
    }

    /// - Parameter answer: nil: the person has not decided yet.
    private func respond(
        _ parameters: FormBody, _ provider: some SimulatedProvider, _ answer: ConsentAnswer?
    ) throws(AuthorizationRefusal) -> Response {
        let (client, uri) = try AuthorizationRequest.sender(parameters, provider: provider.kind, accounts: accounts)
        do throws(AuthorizationRefusal) {
            let asked = try AuthorizationRequest(parameters, client: client, redirectURI: uri, provider: provider)
            guard let answer else { return page(asked, provider) }
            guard answer.isAllowed else { return Self.redirect(uri, provider.denial(), asked.state) }
            return try allow(asked, answer, provider)
        } catch .redirect(let error, let description) {
            let pairs = [("error", error), ("error_description", description)]
            return Self.redirect(uri, pairs, parameters["state"])
        }
    }

    private func allow(
        _ asked: AuthorizationRequest, _ answer: ConsentAnswer, _ provider: some SimulatedProvider
    ) throws(AuthorizationRefusal) -> Response {
        let owner = Owner(provider: provider.kind, clientID: asked.client.id, account: answer.account)
        guard accounts.with({ $0.accounts[owner.account] }) != nil else {
            throw .page(status: 400, error: "invalid_request", text: "There is no account “\(owner.account)”.")
        }
        let chosen = provider.grantsParts ? answer.chosen(of: asked.scopes) : asked.scopes
        if provider.grantsParts && chosen.isEmpty {
            return Self.redirect(asked.redirectURI, provider.denial(), asked.state)
        }
        let code = accounts.with { ledger in
            let earlier = ledger.consents[owner]
            return ledger.allow(
                asked, owner: owner, scopes: provider.granted(chosen, asked, earlier: earlier ?? []),
                isOffline: provider.isOffline(asked, isFirstConsent: earlier == nil), rules: provider.rules, at: Date())
        }
        return Self.redirect(
            asked.redirectURI, [("code", code.value)] + provider.callback(code, asked), asked.state)
    }

    private func page(_ asked: AuthorizationRequest, _ provider: some SimulatedProvider) -> Response {
        let known = accounts.with { ledger in ledger.accountNames.compactMap { ledger.accounts[$0] } }
        let hint = asked.parameters["login_hint"]
        let hinted = known.first { $0.answers(to: hint) }
        var shown = Array(known.prefix(ConsentPage.accountLimit))
        if let hinted, !shown.contains(where: { $0.name == hinted.name }) { shown.insert(hinted, at: 0) }
        return ConsentPage(
            request: asked, provider: provider.kind, grantsParts: provider.grantsParts, accounts: shown,
            preselected: (hinted ?? shown.first)?.name
        ).response()
    }

    private static func redirect(_ uri: String, _ pairs: [(String, String)], _ state: String?) -> Response {
        let all = (state.map { [("state", $0)] } ?? []) + pairs
        let target = uri + (uri.contains("?") ? "&" : "?") + FormBody.encoded(all)
        return Response(status: .found, headers: [.location: target, .cacheControl: "no-store"])
    }
}
