import Testing

@testable import Mail

@Suite struct SMTPServerTests {
    @Test func `a URL names host, port, login and encryption`() throws {
        let server = try SMTPServer(url: "smtp://ann%40example.org:p%3Aq%2F@mail.example.org/client.example.org")
        #expect(server.host == "mail.example.org" && server.port == 587 && server.encryption == .required)
        #expect(server.user == "ann@example.org" && server.password == "p:q/")
        #expect(server.url == "smtp://mail.example.org:587/client.example.org")
        #expect(try SMTPServer(url: "smtps://mail.example.org").port == 465)
        #expect(try SMTPServer(url: "smtps://mail.example.org").encryption == .implicit)
    }

    @Test(arguments: [
        ("smtp://localhost:25", SMTPServer.Encryption.none), ("smtp://127.0.0.1", .none), ("smtp://[::1]:25", .none),
        ("smtp://127.0.0.1.example.org", .required), ("smtp://localhost.example.org", .required),
        ("smtp://10.0.0.1", .required), ("smtp://mail.example.org?tls=off", .none),
        ("smtp://127.0.0.1?tls=required", .required),
    ])
    func `only a server on this machine is spoken to in clear, unless asked`(
        _ url: String, _ encryption: SMTPServer.Encryption
    ) throws {
        #expect(try SMTPServer(url: url).encryption == encryption)
    }

    @Test(arguments: [
        "", "mail.example.org", "http://mail.example.org", "smtp://", "smtp://host:port", "smtp://host?tls=maybe",
        "smtps://host?tls=off", "smtp://a%0d%0aQUIT:secret@host", "smtp://a:secret%00@host", "smtp://host/a\r\nQUIT",
        "smtp://host/a%0d%0aQUIT", "smtp://host?x=1",
        "smtp://secret:secret@host:99999",
    ])
    func `anything else is refused without repeating it`(_ url: String) {
        let error = #expect(throws: SMTPServer.InvalidURL.self) { try SMTPServer(url: url) }
        #expect(error?.description.contains("secret") == false)
    }

    @Test(arguments: [
        "a@b", "a.b+c@example.org", "Errand <mail@example.org>", "\"Errand, Inc.\" <mail@example.org>",
        "<mail@example.org>", " mail@example.org ",
    ])
    func `a mailbox is read`(_ text: String) { #expect(Mailbox(text) != nil) }

    @Test(arguments: [
        "", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b c", "a@b>\r\nRCPT TO:<c@d", "Name <a@b", "Name <a@b> more",
        "<<a@b>>", "ü@example.org", "a@exämple.org", "a@-..", "a\u{0}@b", "\"a b\"@c", "a@[127.0.0.1]",
    ])
    func `what is no mailbox is refused`(_ text: String) { #expect(Mailbox(text) == nil) }
}
