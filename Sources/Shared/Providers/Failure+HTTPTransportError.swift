package import Domain
package import HTTPTransport

extension Failure {
    /// Classifies an exchange with a provider that broke below HTTP.
    /// - Parameter hasAnswer: whether the answer's headers had arrived, so that what broke is the answer's body.
    package init(_ error: HTTPTransportError, hasAnswer: Bool) {
        switch error {
        case .connect, .tls, .other:
            self = .unreachable
        case .closedEarly:
            self = hasAnswer ? .truncated : .unreachable
        case .timeout:
            self.init(.retry, code: "provider_timeout", message: "The provider did not answer in time.")
        case .cancelled:
            self.init(.cancelled, code: "cancelled", message: "The request to the provider was cancelled.")
        case .bodyTooLarge, .headersTooLarge, .eventTooLarge:
            self = .protocolViolation
        case .overloaded:
            self.init(
                .retry, code: "transport_overloaded", message: "Too many requests to providers are under way.",
                retryAfterSeconds: 1, burnsAttempt: false)
        case .closed:
            self.init(
                .retry, code: "shutting_down", message: "This worker is shutting down.", burnsAttempt: false)
        case .egressRefused:
            self.init(.permanent, code: "egress_refused", message: "Requests to this provider's address are forbidden.")
        case .invalidRequest:
            self.init(
                .permanent, code: "provider_misconfigured",
                message: "The provider's address or key cannot be used as configured.")
        }
    }

    package static let unreachable = Failure(
        .retry, code: "provider_unreachable", message: "The provider could not be reached.")
    /// The answer stopped before its terminator.
    package static let truncated = Failure(
        .retry, code: "stream_truncated", message: "The provider's answer broke off before its end.")
    /// What came is not what the provider's protocol allows.
    package static let protocolViolation = Failure(
        .retry, code: "provider_protocol", message: "The provider's answer could not be read.")
}
