import Domain

/// What a mail about an account says: the words once, as text and as HTML.
///
/// Nothing a stranger chose is repeated but the names of an invitation: anybody can sign up with anybody's address, and
/// a mail must not carry what they want to tell.
struct AccountLetter: Sendable, Equatable {
    var subject: String
    /// Before the link.
    var opening: [String]
    /// `nil`: nothing to press.
    var link: (label: String, url: String)?
    /// After the link.
    var closing: [String]

    static func == (left: Self, right: Self) -> Bool { left.text == right.text && left.subject == right.subject }

    static func verify(_ url: String) -> AccountLetter {
        AccountLetter(
            subject: "Confirm your e-mail address",
            opening: ["Welcome to Errand. Please confirm that this address is yours. The link works for 24 hours."],
            link: ("Confirm this address", url),
            closing: ["If you did not sign up, ignore this mail: the account cannot be used without the link."])
    }

    /// An account that exists is to have this address.
    static func confirmAddress(_ url: String) -> AccountLetter {
        AccountLetter(
            subject: "Confirm your new e-mail address",
            opening: ["Your Errand account is to have this address. Please confirm it. The link works for 24 hours."],
            link: ("Confirm this address", url),
            closing: ["If you did not ask for this, ignore this mail: nothing changes without the link."])
    }

    static func emailChange(_ url: String) -> AccountLetter {
        AccountLetter(
            subject: "Your e-mail address is to be changed",
            opening: ["Somebody who knows your password asked to give your Errand account another e-mail address."],
            link: nil,
            closing: ["If it was not you, choose a new password at once: open \(url) and say that you forgot yours."])
    }

    static func contested(_ url: String) -> AccountLetter {
        AccountLetter(
            subject: "Choose a password for your account",
            opening: [
                "Somebody signed up for Errand with this address more than once before it was confirmed. So that "
                    + "nobody else's password opens your account, it has none now. If it was you, choose one: "
                    + "that also confirms the address. The link works for one hour, once."
            ],
            link: ("Choose a password", url),
            closing: ["If it was not you, ignore this mail: the account cannot be used."])
    }

    static func resetPassword(_ url: String) -> AccountLetter {
        AccountLetter(
            subject: "Choose a new password",
            opening: [
                "Somebody asked for a new password for your Errand account. "
                    + "If it was you, choose one now. The link works for one hour, once."
            ],
            link: ("Choose a new password", url),
            closing: ["If it was not you, ignore this mail: your password stays as it is."])
    }

    static func alreadyRegistered(_ url: String) -> AccountLetter {
        AccountLetter(
            subject: "You already have an account",
            opening: [
                "Somebody tried to sign up for Errand with this address, which has an account already. "
                    + "If it was you, sign in with your password, or ask there for a new one."
            ],
            link: ("Sign in", url),
            closing: ["If it was not you, ignore this mail: nothing was changed."])
    }

    static func passwordChanged(_ url: String) -> AccountLetter {
        AccountLetter(
            subject: "Your password was changed",
            opening: ["The password of your Errand account was changed, and all other devices were signed out."],
            link: nil,
            closing: ["If it was not you, choose a new password at once: open \(url) and say that you forgot yours."])
    }

    /// - Parameters:
    ///   - company: any text.
    ///   - inviter: any text; empty when unknown.
    static func invitation(to company: String, by inviter: String, _ url: String) -> AccountLetter {
        let company = shown(company).map { "\u{201c}\($0)\u{201d}" } ?? "their company"
        let who = shown(inviter) ?? "Somebody"
        return AccountLetter(
            subject: "You are invited to join \(company)",
            opening: ["\(who) invites you to join \(company) on Errand. The link works for seven days."],
            link: ("Join", url), closing: ["If you do not know what this is about, ignore this mail."])
    }

    /// - Parameters:
    ///   - provider: as people know it.
    ///   - account: any text, as the provider names the account.
    static func reconnect(_ provider: String, _ account: String, _ url: String) -> AccountLetter {
        let account = EmailAddress(account)?.text ?? shown(account)
        let which = account.map { "\(provider) account \($0)" } ?? "\(provider) account"
        return AccountLetter(
            subject: "Connect your \(provider) account again",
            opening: [
                "Errand has no access to your \(which) any more. What waits for it goes on by itself when you have "
                    + "connected it again."
            ],
            link: ("See your connections", url),
            closing: ["If you do not need the connection any more, you can remove it there."])
    }

    /// A name as it may stand in a mail to a stranger. `nil` for none, and for one that looks like an address to visit,
    /// which mail programs would make a link of.
    private static func shown(_ name: String) -> String? {
        let name = name.split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
        guard !name.isEmpty, !name.contains("/"), !name.contains("@"),
            name.firstMatch(of: /[^\s.]\.[^\s.]/) == nil
        else { return nil }
        return name.count > 80 ? name.prefix(79) + "\u{2026}" : name
    }
}
