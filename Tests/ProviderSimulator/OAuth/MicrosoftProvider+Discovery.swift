extension MicrosoftProvider {
    /// What clients read before anything else, at `/{tenant}/v2.0/.well-known/openid-configuration`.
    static func discovery(tenant: String, origin: String) -> JSONValue {
        let base = "\(origin)/microsoft/\(tenant)"
        let issuer = tenant == "common" || tenant == "organizations" ? "{tenantid}" : Account.microsoftTenantID
        return .members([
            "token_endpoint": .string("\(base)/oauth2/v2.0/token"),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "jwks_uri": .string("\(base)/discovery/v2.0/keys"),
            "response_modes_supported": ["query"], "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"], "response_types_supported": ["code"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": .string("\(host)/\(issuer)/v2.0"),
            "authorization_endpoint": .string("\(base)/oauth2/v2.0/authorize"),
        ])
    }

    /// The names under which the one service is reached; msal asks when its cache lacks an account.
    static let hosts = JSONValue.members([
        "tenant_discovery_endpoint": .string("\(host)/common/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [
            .members([
                "preferred_network": "login.microsoftonline.com", "preferred_cache": "login.windows.net",
                "aliases": [
                    "login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net",
                ],
            ])
        ],
    ])
}
