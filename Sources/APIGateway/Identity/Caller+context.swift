import Store

extension GatewayContext {
    /// Who asks, for the database and the audit log.
    /// - Throws: `Problem` (401).
    func requireCaller() throws -> Caller {
        let principal = try requirePrincipal()
        return Caller(
            name: principal.name, user: principal.user, tenant: principal.tenant, permissions: principal.permissions,
            address: address, requestID: requestID)
    }
}
