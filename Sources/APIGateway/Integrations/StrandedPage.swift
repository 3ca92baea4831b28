import HTTPTypes
import Hummingbird
import NIOCore

/// What somebody reads who came back from a provider when nobody knows where from: there is no address to send them to.
/// Holds nothing of what the provider or the browser sent.
struct StrandedPage: Sendable {
    let title: String
    let text: String
    let status: HTTPResponse.Status

    static let unknown = StrandedPage(
        title: "There is nothing to finish here",
        text: """
            Either the account is connected already, or connecting it began in another browser, or too long ago. \
            Your connections tell; from there you can start again.
            """, status: .badRequest)

    static let anotherPerson = StrandedPage(
        title: "Somebody else began this",
        text: """
            Another person is signed in here than the one who began to connect an account. Nothing was connected.
            """, status: .forbidden)

    func response() -> Response {
        Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
                .contentSecurityPolicy: Self.policy,
            ], body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    private static let policy = """
        default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
        frame-ancestors 'none'
        """

    private var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <meta name="color-scheme" content="light dark">
          <title>\(title) – Errand</title>
          <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
          <link rel="stylesheet" href="/assets/page.css">
          <link rel="stylesheet" href="/assets/connections.css">
        </head>
        <body class="stranded">
        <header class="top"><a class="brand" href="/">Errand</a></header>
        <main>
        <h1>\(title)</h1>
        <p>\(text)</p>
        <p><a class="button" href="/?view=connections">Go to your connections</a></p>
        </main>
        </body>
        </html>

        """
    }
}
