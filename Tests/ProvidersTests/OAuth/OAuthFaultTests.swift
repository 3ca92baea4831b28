import Domain
import Foundation
import HTTPTransport
import Providers
import Testing

/// Every provider against every fault, over real HTTP. One after the other, so that other suites get their time.
@Suite(.serialized, .timeLimit(.minutes(1))) struct OAuthFaultTests {
    static let providers: [any OAuthProvider.Type] = [
        GoogleOAuth.self, MicrosoftOAuth.self, NotionOAuth.self, CanvasOAuth.self,
    ]

    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var step: ProviderServer.Step
        /// What it does to a renewal; `renewal_unknown` where refresh tokens rotate and the provider may have acted.
        var kind = Failure.Class.retry
        var code: String
        var delay: Double?
        var isUnknownWhenRotating = false
        var runsIntoDeadline: Bool { if case .silence = step { true } else { false } }

        init(
            _ name: String, _ step: ProviderServer.Step, _ code: String, kind: Failure.Class = .retry,
            delay: Double? = nil, unknownWhenRotating: Bool = false
        ) {
            (testDescription, self.step, self.kind, self.code) = (name, step, kind, code)
            (self.delay, isUnknownWhenRotating) = (delay, unknownWhenRotating)
        }
    }

    private static let cutBody = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"access_token\":\"a\",\"token_t"
    private static let huge = #"{"access_token":"\#(String(repeating: "a", count: 70_000))"}"#

    static let faults = [
        Fault("503", .answer("<html>", status: 503), "provider_unavailable"),
        Fault("503 later", .answer("", status: 503, headers: ["Retry-After: 30"]), "provider_unavailable", delay: 30),
        Fault("429", .answer("", status: 429), "rate_limited"),
        Fault(
            "429 until", .answer("", status: 429, headers: ["Retry-After: Mon, 30 Nov 2026 12:00:07 GMT"]),
            "rate_limited", delay: 7),
        Fault(
            "temporarily_unavailable", .answer(#"{"error":"temporarily_unavailable"}"#, status: 400),
            "provider_unavailable"),
        Fault(
            "invalid_grant", .answer(#"{"error":"invalid_grant"}"#, status: 400), "invalid_grant", kind: .needsReconnect
        ),
        Fault(
            "invalid_grant in a 200", .answer(#"{"error":"invalid_grant"}"#), "invalid_grant", kind: .needsReconnect),
        Fault(
            "invalid_client", .answer(#"{"error":"invalid_client"}"#, status: 401), "provider_misconfigured",
            kind: .permanent),
        Fault(
            "moved", .answer("", status: 301, headers: ["Location: https://elsewhere.example/"]),
            "provider_misconfigured", kind: .permanent),
        Fault("silence", .silence, "provider_timeout", unknownWhenRotating: true),
        Fault("cut before an answer", .cut(), "provider_unreachable", unknownWhenRotating: true),
        Fault(
            "cut in the head", .cut(after: "HTTP/1.1 200 OK\r\nCont"), "provider_unreachable", unknownWhenRotating: true
        ),
        Fault("cut in the body", .cut(after: cutBody), "stream_truncated", unknownWhenRotating: true),
        Fault("no HTTP", .cut(after: "SSH-2.0-x\r\n"), "provider_unreachable", unknownWhenRotating: true),
        Fault("HTML", .answer("<html>Sign in to the Wi-Fi</html>"), "provider_protocol", unknownWhenRotating: true),
        Fault("no token", .answer(#"{"token_type":"bearer"}"#), "provider_protocol", unknownWhenRotating: true),
        Fault("empty token", .answer(#"{"access_token":""}"#), "provider_protocol", unknownWhenRotating: true),
        Fault(
            "token that breaks a header", .answer(#"{"access_token":"a\r\nX: y"}"#), "provider_protocol",
            unknownWhenRotating: true),
        Fault(
            "token of another type", .answer(#"{"access_token":"a","token_type":"DPoP"}"#), "provider_protocol",
            unknownWhenRotating: true),
        Fault("huge", .answer(huge), "provider_protocol", unknownWhenRotating: true),
    ]

    private func renewal(_ provider: any OAuthProvider, deadline: Duration = .seconds(50)) -> RenewalGrant {
        RenewalGrant(
            refreshToken: "r", scopes: ["x"], host: provider.about.needsHost ? "school.instructure.com" : nil,
            deadline: deadline)
    }

    @Test(arguments: providers.indices, faults)
    func `a renewal's failure is classified`(index: Int, fault: Fault) async throws {
        let server = try ProviderServer { _ in fault.step }
        let provider = Self.providers[index].init(server)
        let grant = renewal(provider, deadline: fault.runsIntoDeadline ? .milliseconds(300) : .seconds(50))
        let failure = try await thrownFailure { _ = try await provider.renew(grant) }
        if provider.about.rotatesRefreshTokens, fault.isUnknownWhenRotating {
            #expect(failure.kind == .unknownOutcome)
            #expect(failure.code == "renewal_unknown")
            #expect(server.requests.count == 1)
        } else {
            #expect(failure.kind == fault.kind)
            #expect(failure.code == fault.code)
            #expect(failure.retryAfterSeconds == fault.delay)
        }
    }

    @Test(arguments: providers.indices, faults.filter { !$0.runsIntoDeadline })
    func `an exchange whose answer is lost is unknown with every provider, and sent once`(index: Int, fault: Fault)
        async throws
    {
        let server = try ProviderServer { _ in fault.step }
        let provider = Self.providers[index].init(server)
        let grant = provider.about.needsHost ? canvasCode : code
        let failure = try await thrownFailure { _ = try await provider.exchange(grant) }
        #expect(failure.code == (fault.isUnknownWhenRotating ? "exchange_unknown" : fault.code))
        #expect(failure.kind == (fault.isUnknownWhenRotating ? .unknownOutcome : fault.kind))
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [408, 500, 502, 504, 524])
    func `an answer from in front of a provider says nothing of a refresh token that rotates`(status: Int) async throws
    {
        let server = try ProviderServer { _ in .answer("<html>", status: status, headers: ["Retry-After: 9"]) }
        let rotating = try await thrownFailure { _ = try await NotionOAuth(server).renew(renewal(NotionOAuth(server))) }
        #expect(rotating.kind == .unknownOutcome && rotating.code == "renewal_unknown")
        #expect(rotating.retryAfterSeconds == 9)
        let lasting = try await thrownFailure { _ = try await GoogleOAuth(server).renew(renewal(GoogleOAuth(server))) }
        #expect(lasting.kind == .retry)
        let exchange = try await thrownFailure { _ = try await NotionOAuth(server).exchange(code) }
        #expect(exchange.kind == .retry)
        let said = try ProviderServer { _ in .answer(#"{"code":"conflict_error"}"#, status: status) }
        let refused = try await thrownFailure { _ = try await NotionOAuth(said).renew(renewal(NotionOAuth(said))) }
        #expect(refused.kind == .retry)
    }

    @Test(arguments: providers.indices)
    func `nobody listening is a retry, for nothing was sent`(index: Int) async throws {
        let server = try ProviderServer { _ in .answer("{}") }
        server.stop()
        let provider = Self.providers[index].init(server)
        let lost = try await thrownFailure { _ = try await provider.renew(renewal(provider)) }
        #expect(lost == .retryUnreachable)
        let grant = provider.about.needsHost ? canvasCode : code
        let exchange = try await thrownFailure { _ = try await provider.exchange(grant) }
        #expect(exchange == .retryUnreachable)
    }

    @Test(arguments: providers.indices)
    func `a cancelled renewal says what is known of it`(index: Int) async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let server = try ProviderServer { _ in
            arrived.yield()
            return .silence
        }
        let provider = Self.providers[index].init(server)
        let grant = renewal(provider)
        let task = Task { try await thrownFailure { _ = try await provider.renew(grant) } }
        for await _ in arrivals { break }
        task.cancel()
        let failure = try await task.value
        #expect(failure.kind == (provider.about.rotatesRefreshTokens ? .unknownOutcome : .cancelled))
    }

    @Test func `a kept connection that has died does not leave a rotating renewal unknown`() async throws {
        let server = try ProviderServer { request in
            request.path.hasSuffix("revoke") ? .answer("{}") : .answer(#"{"access_token":"a","refresh_token":"r2"}"#)
        }
        let notion = NotionOAuth(server)
        try await notion.revoke(RevocationGrant(accessToken: "other", refreshToken: nil))
        #expect(try await notion.renew(renewal(notion)).refreshToken == "r2")
        // The revocation's connection is kept open; the renewal took another all the same.
        #expect(server.requests.map(\.connection) == [1, 2])
    }

    @Test func `a hundred renewals at once are each answered`() async throws {
        let server = try ProviderServer { request in
            .answer(#"{"access_token":"for-\#(request.form["refresh_token"] ?? "")","expires_in":"60"}"#)
        }
        let google = GoogleOAuth(server)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let grant = try await google.renew(RenewalGrant(refreshToken: "\(number)", scopes: []))
                    #expect(grant.accessToken == "for-\(number)")
                    #expect(grant.expiresInSeconds == 60)
                }
            }
            try await group.waitForAll()
        }
        #expect(server.requests.count == 100)
    }
}

extension Failure {
    fileprivate static let retryUnreachable = Failure(
        .retry, code: "provider_unreachable", message: "The provider could not be reached.")
}
