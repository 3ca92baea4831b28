import Foundation

extension OAuthControlRoutes {
    func register(_ body: JSONValue) throws(APIError) -> JSONValue {
        let uris = (body["redirect_uris"]?.elements ?? []).compactMap(\.text)
        var client = RegisteredClient(
            provider: try provider(body), id: try text("client_id", body), secret: try text("client_secret", body),
            redirectURIs: uris)
        client.title = body["title"]?.text ?? client.title
        if case .bool(let isRequired)? = body["requires_pkce"] { client.requiresPKCE = isRequired }
        client.refreshExpiresInSeconds = body["refresh_expires_in"]?.integer
        accounts.with { [client] in $0.register(client) }
        return .members(["client_id": .string(client.id)])
    }

    func addAccounts(_ body: JSONValue) throws(APIError) -> JSONValue {
        if let count = body["count"]?.integer, let prefix = body["prefix"]?.text {
            guard (1...1_000_000).contains(count) else { throw .unreadable("count") }
            accounts.with { ledger in
                for number in 1...count { ledger.add(account: "\(prefix)\(number)") }
            }
            return .members(["count": .integer(count)])
        }
        let name = try text("name", body)
        return accounts.with { ledger in
            ledger.add(account: name, title: body["title"]?.text, email: body["email"]?.text).json
        }
    }

    /// As if the person had said yes in a browser and the client had fetched its tokens.
    func grant(_ body: JSONValue) throws(APIError) -> JSONValue {
        let provider = OAuthServer.provider(try self.provider(body))
        let id = try text("client_id", body)
        guard let client = accounts.with({ $0.client(id, at: provider.kind) }) else { throw .unreadable("client_id") }
        let names = body["account"]?.text.map { [$0] } ?? (body["accounts"]?.elements ?? []).compactMap(\.text)
        let scopes = (body["scopes"]?.elements ?? []).compactMap(\.text)
        let grants = accounts.with { ledger in
            names.compactMap {
                ledger.grant(to: client, account: $0, scopes: scopes, rules: provider.rules, at: Date())
            }
        }
        guard grants.count == names.count, !names.isEmpty else { throw .unreadable("account") }
        return .members([
            "grants": .array(
                grants.map { grant in
                    .members([
                        "account": .string(grant.account.name), "access_token": .string(grant.access.value),
                        "refresh_token": grant.refresh.map { .string($0.value) } ?? .null,
                        "expires_in": provider.rules.accessSeconds.map(JSONValue.integer) ?? .null,
                        "scopes": .array(grant.scopes.map(JSONValue.string)),
                        "provider_account": grant.account.json,
                    ])
                })
        ])
    }

    func revoke(_ body: JSONValue) throws(APIError) -> JSONValue {
        let account = try text("account", body)
        let kind = body["provider"] == nil ? nil : try provider(body)
        let count = accounts.with {
            $0.revoke(account: account, provider: kind, clientID: body["client_id"]?.text, at: Date())
        }
        return .members(["ended": .integer(count)])
    }

    func expire(_ body: JSONValue) throws(APIError) -> JSONValue {
        let name = try text("kind", body)
        if name == "code" { return .members(["ended": .integer(accounts.with { $0.expireCodes(at: Date()) })]) }
        guard let kind = IssuedToken.Kind(rawValue: name) else { throw .unreadable("kind") }
        let provider = body["provider"] == nil ? nil : try provider(body)
        let count = accounts.with {
            $0.expire(kind, provider: provider, account: body["account"]?.text, at: Date())
        }
        return .members(["ended": .integer(count)])
    }

    func addFault(_ body: JSONValue) throws(APIError) -> JSONValue {
        let kind = try text("kind", body)
        guard let fault = OAuthFault(kind) else { throw .unreadable("kind") }
        var rule = OAuthFaults.Rule(fault: fault)
        rule.provider = body["provider"] == nil ? nil : try provider(body)
        if let name = body["endpoint"]?.text {
            guard let endpoint = OAuthEndpoint(rawValue: name) else { throw .unreadable("endpoint") }
            rule.endpoint = endpoint
        }
        rule.grant = body["grant"]?.text
        rule.account = body["account"]?.text
        rule.retryAfter = body["retry_after"]?.text
        rule.left = body["times"]?.integer
        faults.add(rule)
        return .members(["kind": .string(kind)])
    }

    private func text(_ name: String, _ body: JSONValue) throws(APIError) -> String {
        guard let text = body[name]?.text, !text.isEmpty else { throw .unreadable(name) }
        return text
    }

    private func provider(_ body: JSONValue) throws(APIError) -> ProviderKind {
        guard let kind = ProviderKind(rawValue: try text("provider", body)) else { throw .unreadable("provider") }
        return kind
    }
}
