import Domain
import Jobs
import Logging
import Mail
import Store
import Vault

/// Runs `mail.send`. A second attempt sends the same mail once more, with the same Message-ID: harmless.
struct SendMailHandler: JobHandler {
    /// Everything a mail needs but its subject.
    struct Office: Sendable {
        var outbox: Outbox
        var from: Mailbox
        var publicURL: String
        var tokens: MailedTokens
    }

    let context: MailContext
    /// `nil`: this worker has not been told how to send mail.
    let office: Office?
    /// How people know the providers.
    var titles: [ProviderName: String] = [:]

    func handle(_ work: SendMail, _ context: AttemptContext) async throws -> Completion {
        guard let office else {
            throw Failure(
                .permanent, code: "mail_off",
                message: "This worker sends no mail: neither SMTP_URL nor MAIL_DIRECTORY is set.")
        }
        guard let to = Mailbox(address: work.email) else {
            throw Failure(.permanent, code: "invalid_payload", message: "The mail's address is not valid.")
        }
        guard let letter = try await letter(work, office) else {
            context.logger.info("no mail to send", metadata: ["purpose": "\(work.purpose.rawValue)"])
            return .finished(Self.result(nil))
        }
        let message = MailMessage(
            id: context.job.id.description, from: office.from, to: to, subject: letter.subject, text: letter.text,
            html: letter.html)
        try await office.outbox.deliver(message)
        context.logger.info("mail sent", metadata: ["purpose": "\(work.purpose.rawValue)"])
        return .finished(Self.result(message.messageID))
    }

    /// `nil` when there is nobody to tell, or nothing: the account is gone, or verified already.
    private func letter(_ work: SendMail, _ office: Office) async throws -> AccountLetter? {
        if work.purpose == .invitation { return try await invitation(work, office) }
        guard let account = try await context.account(work.email, user: work.user), account.isActive else {
            return nil
        }
        switch work.purpose {
        case .verify:
            guard account.needsVerification else { return nil }
            let token = office.tokens.verification(user: account.user.uuid, email: work.email)
            let link = "\(office.publicURL)/#verify=\(token)"
            return account.isToBeReplaced ? .confirmAddress(link) : .verify(link)
        case .resetPassword, .contested:
            let token = office.tokens.reset(user: account.user.uuid, passwordHash: account.passwordHash)
            let link = "\(office.publicURL)/#reset=\(token)"
            return work.purpose == .contested ? .contested(link) : .resetPassword(link)
        case .alreadyRegistered: return .alreadyRegistered("\(office.publicURL)/")
        case .emailChange: return .emailChange("\(office.publicURL)/")
        case .passwordChanged: return .passwordChanged("\(office.publicURL)/")
        case .reconnect: return try await reconnect(work, account.user, office)
        case .invitation: return nil
        }
    }

    private func reconnect(_ work: SendMail, _ user: UserID, _ office: Office) async throws -> AccountLetter? {
        guard let id = work.connection, let workspace = work.workspace,
            let connection = try await context.connection(id, of: workspace, madeBy: user)
        else { return nil }
        let name = connection.provider.rawValue
        return .reconnect(
            titles[connection.provider] ?? name.prefix(1).uppercased() + name.dropFirst(), connection.accountName,
            "\(office.publicURL)/?view=connections")
    }

    private func invitation(_ work: SendMail, _ office: Office) async throws -> AccountLetter? {
        guard let id = work.invitation, let company = work.company,
            let invitation = try await context.invitation(id, of: company, to: work.email)
        else { return nil }
        let token = office.tokens.invitation(id.uuid, company: company.uuid)
        return .invitation(
            to: invitation.companyName, by: invitation.inviter, "\(office.publicURL)/#invitation=\(token)")
    }

    private static func result(_ messageID: String?) -> [UInt8] {
        var writer = JSONWriter(capacity: 120)
        writer.object { object in
            object.field("sent", messageID != nil)
            if let messageID { object.field("message_id", messageID) }
        }
        return writer.bytes
    }
}
