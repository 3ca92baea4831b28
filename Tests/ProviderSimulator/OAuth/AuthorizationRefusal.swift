/// Why an authorization request is refused, and who is told (RFC 6749, section 4.1.2.1).
enum AuthorizationRefusal: Error, Sendable {
    /// The person: whoever sent them may not be trusted with an answer.
    case page(status: Int, error: String, text: String)
    /// The client, by the redirect.
    case redirect(error: String, description: String)
}
