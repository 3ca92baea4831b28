import Logging
import Mail
import Settings
import Vault

/// How this worker sends mail.
struct MailSettings: Sendable {
    enum Way: Sendable {
        case smtp(SMTPServer)
        case folder(path: String)
    }

    let way: Way
    let from: Mailbox
    /// Where people reach the page, without a slash at the end: links begin with it.
    let publicURL: String
    /// Sign the links' tokens, which the gateway reads.
    let secrets: AuthSecrets

    /// SMTP_URL or MAIL_DIRECTORY, MAIL_FROM, PUBLIC_URL, AUTH_SECRET. `nil`: neither of the first two is set, so none
    /// is sent.
    static func read(_ reader: inout SettingsReader) -> MailSettings? {
        let (url, folder) = (reader.optionalText("smtp.url"), reader.optionalText("mail.directory"))
        if url != nil, folder != nil {
            reader.report("mail.directory", "must be left out when SMTP_URL is set: mail is sent or kept, not both")
        }
        if let url {
            guard let server = server(url, &reader) else { return nil }
            let from = reader.requiredText("mail.from", hint: "give a sender such as Errand <mail@example.org>")
            let publicURL = reader.requiredText("public.url", hint: "give the page's address, which links begin with")
            return MailSettings(.smtp(server), from: from, publicURL: publicURL, &reader)
        }
        guard let folder else { return nil }
        return MailSettings(
            .folder(path: folder), from: reader.text("mail.from", default: "Errand <mail@errand.invalid>"),
            publicURL: reader.text("public.url", default: "http://127.0.0.1:8080"), &reader)
    }

    private init?(_ way: Way, from: String, publicURL: String, _ reader: inout SettingsReader) {
        self.way = way
        self.publicURL = publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL
        let isURL = publicURL.wholeMatch(of: /https?:\/\/[^\s#?"<>]+/) != nil
        if !publicURL.isEmpty, !isURL {
            reader.report("public.url", "must be an http or https URL such as https://errand.example.org")
        }
        let secrets = Self.secrets(&reader)
        let mailbox = Mailbox(from)
        if mailbox == nil, !from.isEmpty {
            reader.report("mail.from", "must be a sender such as Errand <mail@example.org>")
        }
        guard let secrets, let mailbox else { return nil }
        self.secrets = secrets
        self.from = mailbox
    }

    private static func secrets(_ reader: inout SettingsReader) -> AuthSecrets? {
        let text = reader.requiredText("auth.secret", hint: "give the gateway's: it reads what links in mails hold")
        guard !text.isEmpty else { return nil }
        do {
            return try AuthSecrets(text)
        } catch {
            reader.report("auth.secret", "cannot be used: \(error)")
            return nil
        }
    }

    private static func server(_ url: String, _ reader: inout SettingsReader) -> SMTPServer? {
        do {
            return try SMTPServer(url: url)
        } catch {
            reader.report("smtp.url", "\(error)")
            return nil
        }
    }

    func office(logger: Logger) -> SendMailHandler.Office {
        SendMailHandler.Office(
            outbox: Outbox(self, logger: logger), from: from, publicURL: publicURL, tokens: MailedTokens(secrets))
    }
}
