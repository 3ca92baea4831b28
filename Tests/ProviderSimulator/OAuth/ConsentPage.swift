import Foundation
import Hummingbird

/// The page on which a person chooses an account and says yes or no. It looks like no provider's own and says at once
/// that it is simulated.
struct ConsentPage: Sendable {
    static let accountLimit = 8

    let request: AuthorizationRequest
    let provider: ProviderKind
    /// Whether each permission has a tick box.
    let grantsParts: Bool
    let accounts: [Account]
    /// The name of the account that is chosen until the person chooses another.
    let preselected: String?

    func response() -> Response {
        Self.page(title: "\(request.client.title) asks for access", provider, content, status: 200)
    }

    /// What the person sees when the client may not be answered.
    static func refusal(_ provider: ProviderKind, status: Int, error: String, text: String) -> Response {
        let content: HTMLText = """
            <h1>Access blocked: this request is not valid</h1>
            <p>\(text)</p>
            <p class="soft">Error \(String(status)): <code>\(error)</code></p>
            <p class="soft">The application is not told. Go back to it and start again.</p>
            """
        return page(title: "Access blocked", provider, content, status: status)
    }

    private var content: HTMLText {
        """
        <h1>\(request.client.title) asks for access to a simulated \(provider.title) account</h1>
        <form method="post">
        <fieldset>
        <legend>Whose account?</legend>
        \(.joined(accounts.map(row)))
        </fieldset>
        \(permissions)
        <p class="soft">After your answer you are sent back to <b>\(returnAddress)</b>.</p>
        <div class="buttons">
        <button class="quiet" name="decision" value="deny">Deny</button>
        <button name="decision" value="allow">Allow</button>
        </div>
        </form>
        """
    }

    private func row(_ account: Account) -> HTMLText {
        let checked: HTMLText = account.name == preselected ? " checked" : ""
        return """
            <label class="row">
            <input type="radio" name="account" value="\(account.name)" required\(checked)>
            <span class="face" aria-hidden="true">\(String(account.title.prefix(1)))</span>
            <span>\(account.title)<span class="soft">\(account.email)</span></span>
            </label>
            """
    }

    private var permissions: HTMLText {
        let title = request.client.title
        if request.scopes.isEmpty {
            let text = PermissionText.withoutScopes(provider)
            return "<section><h2>\(title) will be able to</h2><ul class=\"list\"><li>\(text)</li></ul></section>"
        }
        let signIn = request.scopes.filter { !isOptional($0) }
        let list: HTMLText =
            signIn.isEmpty
            ? ""
            : """
            <section><h2>\(title) will be able to</h2>
            <ul class="list">
            \(.joined(signIn.map { "<li>\(PermissionText.of($0))</li>" }))
            </ul></section>
            """
        let optional = request.scopes.filter(isOptional)
        if optional.isEmpty { return list }
        return """
            \(list)
            <fieldset>
            <legend>What else may \(title) do? <span class="soft">Untick what it may not.</span></legend>
            \(.joined(optional.map(tick)))
            </fieldset>
            """
    }

    private func isOptional(_ scope: String) -> Bool {
        grantsParts && !GoogleProvider.signInScopes.contains(scope)
    }

    private func tick(_ scope: String) -> HTMLText {
        """
        <label class="row">
        <input type="checkbox" name="scope" value="\(scope)" checked>
        <span>\(PermissionText.of(scope))<span class="soft scope">\(scope)</span></span>
        </label>
        """
    }

    /// Scheme, host and port of the redirect URI.
    private var returnAddress: String {
        guard let parts = URLComponents(string: request.redirectURI), let host = parts.host else {
            return request.redirectURI
        }
        return host + (parts.port.map { ":\($0)" } ?? "")
    }

    private static func page(title: String, _ provider: ProviderKind, _ content: HTMLText, status: Int) -> Response {
        let page: HTMLText = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title) · simulated \(provider.title)</title>
            <link rel="stylesheet" href="/_simulator/consent.css">
            </head>
            <body>
            <header><b>Simulated \(provider.title)</b> for tests and demonstrations. Nothing here is \
            \(provider.title)’s, and no real account is touched.</header>
            <main>
            \(content)
            </main>
            </body>
            </html>

            """
        return Response(
            status: .init(code: status),
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .contentSecurityPolicy: policy,
            ],
            body: .init(byteBuffer: .init(string: page.markup)))
    }

    /// The form's answer redirects to the client, wherever that is; browsers hold redirects to `form-action` too.
    private static let policy =
        "default-src 'none'; style-src 'self'; form-action 'self' http: https:; frame-ancestors 'none'; base-uri 'none'"
}
