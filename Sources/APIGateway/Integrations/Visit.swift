import Domain
import Store

/// A browser that came back from a provider's consent page, to the visit that it began.
struct Visit: Sendable {
    var returned: Authorizations.Returned
    var query: CallbackQuery
    /// The visit has been used, or its time is over.
    var isOver: Bool

    /// What the audit log and the transaction know of it: whoever began, though nobody has to be signed in now.
    func caller(_ context: GatewayContext) -> Caller {
        Caller(
            name: returned.user.map { "user:\($0)" } ?? "anonymous", user: returned.user, tenant: returned.tenant,
            permissions: [], address: context.address, requestID: context.requestID)
    }

    /// Where the browser goes when a job carries on.
    func address(job: JobID) -> String { ReturnAddress(kept: returned.returnTo).adding("job", job.description) }

    /// Where the browser goes when nothing came of it.
    func address(_ error: CallbackError) -> String {
        ReturnAddress(kept: returned.returnTo).adding("error", error.rawValue)
    }
}
