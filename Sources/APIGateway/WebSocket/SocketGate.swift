import Domain
import FoundationEssentials
import HTTPTypes

/// Who may open a socket, and for how long.
struct SocketGate: Sendable {
    struct Admission: Sendable {
        var principal: Principal
        /// When the credential ends by itself. `nil`: never.
        var expiresAt: Date? { principal.expiresAt }
    }

    /// Finds who sends a request with this head. A credential that came in a message arrives here as the header
    /// `Authorization`, and a company as `X-Company-Id`, of an otherwise equal head.
    /// - Throws: `Problem` (401, 403, 404, 429, 503).
    var authenticate: @Sendable (_ head: HTTPRequest, _ address: String) async throws -> Admission
    /// Asked now and then while the socket is open: false when the session was revoked or the membership ended. An
    /// error means that it cannot be told now.
    var stillValid: @Sendable (Admission) async throws -> Bool = { _ in true }
    /// Origins besides the gateway's own whose pages may open sockets, such as `https://app.example`.
    var origins = AllowedOrigins()

    /// Where a request has its credential.
    enum Credential {
        case header, cookie, none
    }

    static func credential(_ head: HTTPRequest) -> Credential {
        if head.headerFields[.authorization] != nil { return .header }
        let cookies = head.headerFields[values: .cookie].flatMap { $0.split(separator: ";") }
        let isThere = cookies.contains { $0.trimmingPrefix { $0 == " " }.hasPrefix("\(SessionCookie.name)=") }
        return isThere ? .cookie : .none
    }

    /// A browser lets any page open a socket and sends the cookies along, but it says which page it was.
    /// - Throws: `Problem` (403).
    func checkOrigin(_ head: HTTPRequest, _ credential: Credential) throws {
        guard let origin = head.headerFields[.origin]?.lowercased() else {
            if credential == .cookie { throw Self.foreign }
            return
        }
        let own = (head.authority ?? "").lowercased()
        let isOwn = !own.isEmpty && (origin == "https://\(own)" || origin == "http://\(own)")
        guard isOwn || origins.contains(origin) else { throw Self.foreign }
    }

    private static let foreign = Problem(
        status: .forbidden, code: "origin_not_allowed",
        detail: "A page of this origin may not open a socket here. CORS_ORIGINS lists the origins that may.")

    /// The head a credential of a message stands for.
    static func head(_ head: HTTPRequest, token: String, company: String?) -> HTTPRequest {
        var head = head
        head.headerFields[.cookie] = nil
        head.headerFields[.authorization] = "Bearer \(token)"
        if let company { head.headerFields[.xCompanyID] = company }
        return head
    }
}

extension HTTPField.Name {
    static let xCompanyID = HTTPField.Name("X-Company-Id")!
}
