import Domain
import HTTPTypes
import Hummingbird
import Postgres
import Store

/// Where a request came from, as the owner of a session and the audit log are told.
struct Origin: Sendable {
    var address: String
    var userAgent: String
    var requestID: String

    init(_ request: Request, _ context: GatewayContext) {
        address = context.address
        userAgent = request.headers[.userAgent] ?? ""
        requestID = context.requestID
    }
}

extension GatewayContext {
    /// What the caller's transactions may see: the workspace, and, of a person, their own account.
    var acting: [PostgresSetting] {
        guard let principal else { return [] }
        let tenant = RowAccess.tenant(principal.tenant)
        return principal.user.map { RowAccess.user($0) + tenant } ?? tenant
    }
}
