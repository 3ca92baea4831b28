import HTTPTypes
import Hummingbird

/// Stands for the account routes where there are no accounts, and says what to set.
struct AccountsOff: Sendable {
    func mount(on router: RouterGroup<GatewayContext>) {
        for method in [HTTPRequest.Method.get, .post, .patch, .delete] {
            router.on("**", method: method) { _, _ -> Response in throw Problem.accountsOff }
        }
    }
}
