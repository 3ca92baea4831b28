import FoundationEssentials
import HTTPTransport

/// What a token or revocation endpoint answered, whole.
struct OAuthAnswer: Sendable, Undisclosed {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    func json<Value: Decodable>(as type: Value.Type) -> Value? {
        try? JSONDecoder().decode(type, from: Data(body))
    }

    /// The error it names, empty when it names none. Canvas sends the browser's redirect URI an error that belongs to
    /// the client: https://github.com/instructure/canvas-lms/blob/master/app/controllers/oauth2_provider_controller.rb
    var error: OAuthError {
        guard (300..<400).contains(status), let location = headers.first("location"),
            let query = location.firstIndex(of: "?")
        else { return OAuthError(body: body) }
        let fields = FormText.decode(location[location.index(after: query)...].prefix { $0 != "#" })
        return OAuthError(error: fields["error"], description: fields["error_description"])
    }
}
