/// Write to somebody about an account or an invitation. Holds no secret: the worker makes the link's token when it
/// sends, so that a job waits for any time without growing stale, and whoever reads a job's payload learns no way in.
package struct SendMail: Command {
    package static let kind = JobKind(rawValue: "mail.send")
    package static let queue = QueueName.mail
    /// About two hours, at up to five minutes each: a mail server that is down, or that makes strangers come again.
    package static let maxAttempts = 30
    package static let attemptTimeoutSeconds = 180

    package enum Purpose: String, Codable, Sendable, CaseIterable {
        /// To confirm the address of a new account.
        case verify
        case resetPassword = "reset_password"
        /// Somebody tried to open a second account with the address.
        case alreadyRegistered = "already_registered"
        /// An address was signed up more than once before it was confirmed, so nobody's password is on it.
        case contested
        /// To the old address: the account is to have another one.
        case emailChange = "email_change"
        /// To join a company.
        case invitation
        case passwordChanged = "password_changed"
        /// A connection needs a person.
        case reconnect
    }

    package var purpose: Purpose
    /// As `EmailAddress` keeps it.
    package var email: String
    /// The account it is about. `nil`: that of the address, if there is one.
    package var user: UserID?
    package var invitation: InvitationID?
    /// The company that invites.
    package var company: CompanyID?
    /// The connection that needs a person, and the workspace it belongs to.
    package var connection: ConnectionID?
    package var workspace: TenantID?

    /// A mail about the account of an address. Whether there is one need not be known.
    package init(_ purpose: Purpose, to email: EmailAddress, user: UserID? = nil) {
        self.purpose = purpose
        self.email = email.text
        self.user = user
    }

    package init(invitation: InvitationID, company: CompanyID, to email: EmailAddress) {
        self.init(.invitation, to: email)
        self.invitation = invitation
        self.company = company
    }

    /// - Parameter user: who made the connection.
    package init(reconnect connection: ConnectionID, of workspace: TenantID, to email: EmailAddress, user: UserID) {
        self.init(.reconnect, to: email, user: user)
        self.connection = connection
        self.workspace = workspace
    }

    package func validate() throws(InvalidCommand) {
        var problems: [InvalidCommand.Problem] = []
        if EmailAddress(email)?.text != email {
            problems.append(.init(field: "email", message: "must be an address in lower case"))
        }
        if (purpose == .invitation) != (invitation != nil && company != nil) {
            problems.append(
                .init(field: "invitation_id", message: "goes with company_id and the purpose invitation, and only so"))
        }
        let isAboutConnection = purpose == .reconnect
        if (connection != nil) != isAboutConnection || (workspace != nil) != isAboutConnection {
            problems.append(
                .init(field: "connection_id", message: "goes with workspace_id and the purpose reconnect, and only so"))
        }
        guard problems.isEmpty else { throw InvalidCommand(problems) }
    }

    private enum CodingKeys: String, CodingKey {
        case purpose, email
        case user = "user_id"
        case invitation = "invitation_id"
        case company = "company_id"
        case connection = "connection_id"
        case workspace = "workspace_id"
    }
}
