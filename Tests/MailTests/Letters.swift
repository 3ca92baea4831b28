import FoundationEssentials
import Mail
import TestSupport
import Testing

@testable import Mail

/// A mail of a test, to this local part.
func letter(
    to local: String, from sender: String = "errand", subject: String = "Hello", text: String = "Hello.\n",
    html: String? = nil, id: String = "0198-abc"
) throws -> MailMessage {
    MailMessage(
        id: id, from: try #require(Mailbox(name: "Errand", address: "\(sender)@example.org")),
        to: try #require(Mailbox(address: "\(local)@example.com")), subject: subject, text: text, html: html)
}

extension SMTPSink {
    func transport(
        _ rest: String = "", user: String = "", limits: SMTPLimits = SMTPLimits(), caBundle: String? = nil,
        scheme: String = "smtp"
    ) throws -> SMTPTransport {
        SMTPTransport(
            try SMTPServer(url: "\(scheme)://\(user)127.0.0.1:\(port)\(rest)"), limits: limits, caBundle: caBundle,
            logger: TestStores.silent)
    }
}

/// What a call throws. `nil`: nothing.
func failure(_ body: () async throws -> Void) async -> SMTPError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? SMTPError
    }
}
