import Foundation

/// What a client says at the token endpoint, whatever the form it came in.
struct TokenRequest: Sendable {
    var parameters: [String: String]
    var clientID: String?
    var clientSecret: String?

    subscript(name: String) -> String? {
        guard let value = parameters[name], !value.isEmpty else { return nil }
        return value
    }

    var scopes: [String]? { self["scope"].map { $0.split(separator: " ").map(String.init) } }

    /// A form whose client names itself by HTTP Basic or in the body (RFC 6749, section 2.3.1), not by both.
    static func form(_ request: EndpointRequest) throws(Refusal) -> TokenRequest {
        let form = try request.form()
        guard let basic = request.basicCredentials else {
            return TokenRequest(
                parameters: form.values, clientID: form["client_id"], clientSecret: form["client_secret"])
        }
        if form["client_secret"] != nil { throw .unreadableBody("More than one way of client authentication") }
        return TokenRequest(
            parameters: form.values, clientID: basic.user.removingPercentEncoding ?? basic.user,
            clientSecret: basic.password.removingPercentEncoding ?? basic.password)
    }
}
