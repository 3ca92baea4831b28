import Domain
import HTTPTypes

/// Problems with the codes that clients of fastapi-users know. They read `detail`, so it is the code too.
extension Problem {
    private static func known(_ code: String, _ title: String, reason: String? = nil) -> Problem {
        var problem = Problem(status: .badRequest, code: code, detail: code)
        problem.title = title
        problem.reason = reason
        return problem
    }

    static let badCredentials = known(
        "LOGIN_BAD_CREDENTIALS",
        "E-mail address and password do not belong together, or the address has not been verified: see your mail.")

    static let userAlreadyExists = known("REGISTER_USER_ALREADY_EXISTS", "This e-mail address has an account.")

    /// - Parameter reason: says what is wrong with the password.
    static func invalidPassword(_ reason: String, at route: PasswordRoute) -> Problem {
        known(route.rawValue, "This password cannot be used.", reason: reason)
    }

    /// Where a new password came from.
    enum PasswordRoute: String {
        case register = "REGISTER_INVALID_PASSWORD"
        case reset = "RESET_PASSWORD_INVALID_PASSWORD"
        case update = "UPDATE_USER_INVALID_PASSWORD"
    }

    static let badResetToken = known(
        "RESET_PASSWORD_BAD_TOKEN", "This link was used, is too old or is broken. Ask for a new one.")

    static let badVerifyToken = known(
        "VERIFY_USER_BAD_TOKEN", "This link is too old or broken. Ask for a new one.")

    static let alreadyVerified = known("VERIFY_USER_ALREADY_VERIFIED", "This e-mail address is verified already.")

    static let emailTaken = known(
        "UPDATE_USER_EMAIL_ALREADY_EXISTS", "This e-mail address cannot be used. Choose another one.")

    static let wrongPassword = Problem(
        status: .badRequest, code: "wrong_password", detail: "The current password is wrong.")

    static let accountsOff = Problem(
        status: .serviceUnavailable, code: "accounts_off",
        detail: "This gateway has no accounts: set AUTH_SECRET and AUTH_KEYS_FILE. API keys work.")

    static let csrfFailed = Problem(
        status: .forbidden, code: "csrf_failed",
        detail:
            "A request with the session cookie that changes something needs the header X-CSRF-Token, with the value of "
            + "GET /api/v1/auth/csrf, and Sec-Fetch-Site or Origin that name this site, as browsers send them.")

    static let companyNotFound = Problem(
        status: .notFound, code: "company_not_found",
        detail:
            "X-Company-Id names no company that you are a member of, or that your key is of. Leave it out to work in "
            + "your own workspace.")

    /// Why a refresh token was not taken.
    static func refreshRefused(_ code: String, _ detail: String) -> Problem {
        Problem(status: .badRequest, code: code, detail: detail)
    }
}
