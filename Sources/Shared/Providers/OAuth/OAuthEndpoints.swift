import Domain
import FoundationEssentials
import HTTPTransport

/// Carries calls to a provider and says what the answers mean.
struct OAuthEndpoints: Sendable {
    let transport: HTTPTransport
    let now: @Sendable () -> Date

    /// Of a token answer, or of an error page.
    private static let maxAnswerBytes = 64 * 1024

    /// Tokens for a code or a refresh token.
    func grant(_ call: OAuthCall) async throws(Failure) -> TokenAnswer {
        let answer = try await send(call)
        if answer.status == 200, let tokens = TokenAnswer(answer) { return tokens }
        let rejection = rejection(answer, of: call)
        // The provider meant to give something, and it cannot be read.
        guard answer.status != 200 || rejection.error.error != nil else {
            throw call.unknownOutcome ?? .protocolViolation
        }
        throw call.failure(rejection)
    }

    func send(_ call: OAuthCall) async throws(Failure) -> OAuthAnswer {
        let response = try await head(of: call)
        // What an error says is worth little waiting.
        guard response.status == 200 else {
            let body = await response.body.beginning(upTo: Self.maxAnswerBytes, within: .seconds(2))
            return OAuthAnswer(status: response.status, headers: response.headers, body: body)
        }
        do {
            let body = try await response.body.collect(upTo: Self.maxAnswerBytes)
            return OAuthAnswer(status: response.status, headers: response.headers, body: body)
        } catch let error as HTTPTransportError {
            throw call.failure(error, hasAnswer: true)
        } catch {
            throw call.failure(.cancelled, hasAnswer: true)
        }
    }

    func rejection(_ answer: OAuthAnswer, of call: OAuthCall) -> OAuthRejection {
        OAuthRejection(
            status: answer.status, error: call.translate(answer.error),
            advice: RetryAdvice(headers: answer.headers, now: now()))
    }

    private func head(of call: OAuthCall) async throws(Failure) -> HTTPResponse {
        do {
            return try await transport.send(call.request)
        } catch let error as HTTPTransportError {
            throw call.failure(error, hasAnswer: false)
        } catch {
            throw call.failure(.cancelled, hasAnswer: false)
        }
    }
}
