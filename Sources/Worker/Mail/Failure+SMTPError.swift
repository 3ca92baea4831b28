import Domain
import Mail

extension Failure {
    /// What the job of a mail that was not delivered does next. `SMTPError.cancelled` is not for here.
    init(_ error: SMTPError) {
        self =
            switch error {
            case .refused(let reply, let stage, _): Failure(reply, at: stage)
            case .loginRefused:
                // The setting is wrong, not the mail: it waits for somebody to put it right.
                Failure(.retry, code: "mail_login_refused", message: "The mail server refuses SMTP_URL's login.")
            case .connect:
                Failure(.retry, code: "mail_server_unreachable", message: "The mail server cannot be reached.")
            case .tls:
                Failure(
                    .retry, code: "mail_server_untrusted",
                    message: "No trusted, encrypted connection to the mail server came about.")
            case .timeout: Failure(.retry, code: "mail_timeout", message: "The mail server took too long.")
            case .unknownOutcome:
                // Repeated all the same: a second copy with the same Message-ID is harmless, a lost one is not.
                Failure(
                    .retry, code: "mail_outcome_unknown",
                    message: "The mail server did not say whether it took the mail; it is sent again, as the same mail."
                )
            case .messageTooLarge: Failure(.permanent, code: "mail_too_large", message: "The mail is too large.")
            case .overloaded:
                Failure(
                    .retry, code: "mail_overloaded", message: "Too many mails wait to be sent by this worker.",
                    burnsAttempt: false)
            case .closedEarly, .cancelled, .other:
                Failure(.retry, code: "mail_server_failed", message: "The exchange with the mail server broke off.")
            }
    }

    /// A server's no. What it says before it knows the recipient is about us, and settings can be put right; 5xx from
    /// then on is about this mail, and for good.
    private init(_ reply: SMTPReply, at stage: SMTPStage) {
        let isAboutUs =
            [.queue, .connect, .greeting, .login].contains(stage) || [530, 534, 535, 538].contains(reply.code)
        guard reply.code >= 500, !isAboutUs else {
            self.init(.retry, code: "mail_refused_for_now", message: "The mail server refuses for now (\(reply)).")
            return
        }
        let detail = reply.enhanced.map { String($0.dropFirst(2)) } ?? ""
        if stage == .recipient, [550, 551, 553].contains(reply.code), detail.isEmpty || detail.hasPrefix("1.") {
            self.init(.permanent, code: "mailbox_missing", message: "There is no such mailbox (\(reply)).")
        } else if detail == "2.2" {
            self.init(.permanent, code: "mailbox_full", message: "The mailbox is full (\(reply)).")
        } else {
            self.init(.permanent, code: "mail_refused", message: "The mail server refuses the mail (\(reply)).")
        }
    }
}
