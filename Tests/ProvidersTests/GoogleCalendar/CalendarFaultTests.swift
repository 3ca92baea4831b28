import Domain
import Foundation
import HTTPTransport
import Providers
import Testing

/// Every "no" of the Calendar API, over real HTTP. One after the other, so that other suites get their time.
@Suite(.serialized, .timeLimit(.minutes(1))) struct CalendarFaultTests {
    typealias Answers = GoogleAnswers

    struct Case: Sendable, CustomTestStringConvertible {
        var status: Int
        var body: String
        var fault: CalendarFault
        var headers: [String] = []
        var testDescription: String { "\(status) \(body.prefix(90))" }
    }

    private static func permanent(_ code: String) -> CalendarFault {
        .other(Failure(.permanent, code: code, message: ""))
    }
    private static func retry(_ code: String, after seconds: Double? = nil) -> CalendarFault {
        .other(Failure(.retry, code: code, message: "", retryAfterSeconds: seconds))
    }
    private static func quota(_ reason: String, _ seconds: Double? = nil) -> CalendarFault {
        .quota(seconds: seconds, reason: reason)
    }

    /// Of a list that goes on from a sync token.
    static let lists = [
        Case(status: 410, body: Answers.fullSyncRequired, fault: .tokenOver),
        Case(status: 410, body: Answers.updatedMinTooLongAgo, fault: .tokenOver),
        Case(status: 410, body: Answers.error(410, "gone"), fault: .tokenOver),
        Case(status: 410, body: Answers.deleted, fault: .notFound),
        Case(status: 400, body: Answers.invalidSyncToken, fault: .tokenOver),
        Case(status: 400, body: Answers.invalidPageToken, fault: .tokenOver),
        Case(status: 400, body: #"{"error":{"code":400,"message":"Invalid page token."}}"#, fault: .tokenOver),
        Case(status: 400, body: Answers.timeRangeEmpty, fault: permanent("google_refused")),
        Case(status: 401, body: Answers.authError, fault: .unauthorised),
        Case(status: 401, body: "", fault: .unauthorised),
        Case(status: 403, body: Answers.userRateLimit, fault: quota("userRateLimitExceeded")),
        Case(status: 403, body: Answers.rateLimit, fault: quota("rateLimitExceeded", 7), headers: ["Retry-After: 7"]),
        Case(status: 403, body: Answers.usageLimit, fault: quota("quotaExceeded")),
        Case(status: 403, body: Answers.dailyLimit, fault: quota("dailyLimitExceeded")),
        Case(status: 403, body: Answers.otherLimit, fault: quota("variableTermLimitExceeded")),
        Case(status: 403, body: Answers.projectRate, fault: quota(CalendarFault.projectQuota)),
        Case(
            status: 429, body: Answers.userRate, fault: quota("rateLimitExceeded", 30),
            headers: ["Retry-After: Mon, 30 Nov 2026 12:00:30 GMT"]),
        Case(status: 429, body: "<html>slow down</html>", fault: quota("rateLimitExceeded")),
        Case(status: 403, body: Answers.notConfigured, fault: permanent("google_api_disabled")),
        Case(status: 403, body: Answers.serviceDisabled, fault: permanent("google_api_disabled")),
        Case(status: 403, body: Answers.suspended, fault: permanent("google_project_refused")),
        Case(status: 403, body: Answers.scopes, fault: .denied(reason: "scope_missing")),
        Case(status: 403, body: Answers.forbidden, fault: .denied(reason: "forbidden")),
        Case(status: 403, body: Answers.nonOrganizer, fault: .denied(reason: "forbiddenForNonOrganizer")),
        Case(status: 403, body: Answers.noCalendarUser, fault: .denied(reason: "notACalendarUser")),
        Case(status: 403, body: Answers.error(403, "say: <b>hi</b>"), fault: .denied(reason: "forbidden")),
        Case(status: 404, body: Answers.notFound, fault: .notFound),
        Case(status: 409, body: Answers.conflict, fault: retry("provider_unavailable")),
        Case(status: 500, body: Answers.backendError, fault: retry("provider_unavailable")),
        Case(
            status: 503, body: "<html>", fault: retry("provider_unavailable", after: 12), headers: ["Retry-After: 12"]),
        // A page of somebody else's throws no events away.
        Case(status: 403, body: Answers.html, fault: retry("provider_protocol")),
        Case(status: 404, body: Answers.html, fault: retry("provider_protocol")),
        Case(status: 410, body: Answers.html, fault: retry("provider_protocol")),
        Case(status: 302, body: "", fault: retry("provider_protocol"), headers: ["Location: https://wifi.example"]),
        Case(status: 200, body: Answers.html, fault: retry("provider_protocol")),
        Case(status: 200, body: "{}", fault: retry("provider_protocol")),
        Case(status: 200, body: #"{"items":[]}"#, fault: retry("provider_protocol")),
        Case(status: 200, body: "[]", fault: retry("provider_protocol")),
    ]

    @Test(arguments: lists) func `a list's refusal is classified by its reason`(case: Case) async throws {
        let server = try ProviderServer { _ in .answer(`case`.body, status: `case`.status, headers: `case`.headers) }
        let google = GoogleCalendar(server)
        let fault = try await thrownFault { () async throws(CalendarFault) in
            _ = try await google.events(of: "me@example.com", syncToken: "s", pageToken: nil, token: "secret-token")
        }
        Self.expect(fault, `case`.fault)
        // Nothing of the token, of Google's own text or of the page is in it.
        let text = "\(fault)"
        for word in ["secret-token", "Said by", "<", "me@example.com"] { #expect(!text.contains(word), "\(text)") }
    }

    private static func expect(
        _ fault: CalendarFault, _ expected: CalendarFault, _ location: SourceLocation = #_sourceLocation
    ) {
        if case .other(let failure) = fault, case .other(let wanted) = expected {
            #expect(failure.kind == wanted.kind, sourceLocation: location)
            #expect(failure.code == wanted.code, sourceLocation: location)
            #expect(failure.retryAfterSeconds == wanted.retryAfterSeconds, sourceLocation: location)
            #expect(!failure.message.isEmpty, sourceLocation: location)
        } else {
            #expect(fault == expected, sourceLocation: location)
        }
    }

    @Test func `a 400 is about a token only when one was sent`() async throws {
        let server = try ProviderServer { _ in .answer(Answers.invalidSyncToken, status: 400) }
        let google = GoogleCalendar(server)
        let fault = try await thrownFault { () async throws(CalendarFault) in
            _ = try await google.events(of: "c", syncToken: nil, pageToken: nil, token: "t")
        }
        Self.expect(fault, Self.permanent("google_refused"))
        let paged = try await thrownFault { () async throws(CalendarFault) in
            _ = try await google.calendars(syncToken: nil, pageToken: "p", token: "t")
        }
        #expect(paged == .tokenOver)
    }

    @Test func `what is wrong with a request is told by Google's words`() async throws {
        let server = try ProviderServer { _ in .answer(Answers.timeRangeEmpty, status: 400) }
        let google = GoogleCalendar(server)
        let fault = try await thrownFault { () async throws(CalendarFault) in
            _ = try await google.event("e", of: "c", token: "t")
        }
        guard case .other(let failure) = fault else {
            Issue.record("\(fault)")
            return
        }
        #expect(failure.message == "Google refused the request (timeRangeEmpty, timeMax).")
    }

    static let writes = [
        Case(status: 409, body: Answers.duplicate, fault: .duplicate),
        Case(status: 412, body: Answers.conditionNotMet, fault: .changed),
        Case(status: 410, body: Answers.deleted, fault: .gone),
        Case(status: 404, body: Answers.notFound, fault: .notFound),
        Case(status: 403, body: Answers.nonOrganizer, fault: .denied(reason: "forbiddenForNonOrganizer")),
        Case(status: 403, body: Answers.usageLimit, fault: quota("quotaExceeded")),
        Case(status: 400, body: Answers.invalidSyncToken, fault: permanent("google_refused")),
        Case(status: 401, body: Answers.authError, fault: .unauthorised),
        // It may have been done before the trouble began.
        Case(status: 500, body: Answers.backendError, fault: unknown),
        Case(status: 502, body: Answers.html, fault: unknown),
        Case(status: 404, body: Answers.html, fault: unknown),
        Case(status: 200, body: Answers.html, fault: unknown),
    ]
    private static let unknown = CalendarFault.other(
        Failure(.unknownOutcome, code: "write_unknown", message: ""))

    @Test(arguments: writes) func `a write's refusal is classified by its reason`(case: Case) async throws {
        let server = try ProviderServer { _ in .answer(`case`.body, status: `case`.status) }
        let google = GoogleCalendar(server)
        let fault = try await thrownFault { () async throws(CalendarFault) in
            _ = try await google.patch(
                "e", of: "c", to: EventDraft(summary: "x"), ifMatch: "\"1\"", notice: .none, token: "t")
        }
        Self.expect(fault, `case`.fault)
        #expect(server.requests.count == 1)
    }

    @Test func `a write whose answer is lost is unknown, and was sent once`() async throws {
        for step in [ProviderServer.Step.cut(), .cut(after: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")] {
            let server = try ProviderServer { _ in step }
            let google = GoogleCalendar(server)
            let faults = try await [
                thrownFault { () async throws(CalendarFault) in
                    _ = try await google.insert(EventDraft(), id: "abcde", into: "c", notice: .none, token: "t")
                },
                thrownFault { () async throws(CalendarFault) in
                    _ = try await google.patch(
                        "e", of: "c", to: EventDraft(), ifMatch: nil, notice: .none, token: "t")
                },
                thrownFault { () async throws(CalendarFault) in
                    try await google.delete("e", of: "c", ifMatch: nil, notice: .none, token: "t")
                },
                thrownFault { () async throws(CalendarFault) in
                    _ = try await google.watch(
                        "c", channel: .make(), secret: "s", address: "https://x", secondsToLive: 60, token: "t")
                },
            ]
            for fault in faults {
                guard case .other(let failure) = fault else {
                    Issue.record("\(fault)")
                    continue
                }
                #expect(failure.kind == .unknownOutcome)
            }
            #expect(server.requests.count == 4)
        }
    }

    @Test func `a write to nobody was not done`() async throws {
        let server = try ProviderServer { _ in .answer("{}") }
        server.stop()
        let google = GoogleCalendar(server)
        let fault = try await thrownFault { () async throws(CalendarFault) in
            try await google.delete("e", of: "c", ifMatch: nil, notice: .none, token: "t")
        }
        Self.expect(fault, Self.retry("provider_unreachable"))
    }

    @Test func `a read may be repeated on another connection`() async throws {
        let server = try ProviderServer { request in
            request.connection == 1 && request.path.hasSuffix("second")
                ? .cut() : .answer(#"{"items":[],"nextSyncToken":"n"}"#)
        }
        let google = GoogleCalendar(server)
        _ = try await google.calendars(syncToken: "first", pageToken: nil, token: "t")
        _ = try await google.calendars(syncToken: "second", pageToken: nil, token: "t")
        #expect(server.requests.map(\.connection) == [1, 1, 2])
    }

    @Test func `a page that is too large is no reason to try again`() async throws {
        let server = try ProviderServer { _ in .answer(String(repeating: " ", count: 5 << 20)) }
        let google = GoogleCalendar(server)
        let fault = try await thrownFault { () async throws(CalendarFault) in
            _ = try await google.event("e", of: "c", token: "t")
        }
        Self.expect(fault, Self.permanent("google_page_too_large"))
    }

    @Test func `watch channels have refusals of their own`() async throws {
        for (body, status, expected) in [
            (Answers.channelTaken, 400, CalendarFault.duplicate),
            (Answers.pushUnsupported, 400, Self.permanent("google_watch_unsupported")),
            (Answers.webhookRefused, 401, Self.permanent("google_webhook_refused")),
            (Answers.authError, 401, .unauthorised), (Answers.notFound, 404, .notFound),
        ] {
            let server = try ProviderServer { _ in .answer(body, status: status) }
            let google = GoogleCalendar(server)
            let fault = try await thrownFault { () async throws(CalendarFault) in
                _ = try await google.watch(
                    "c", channel: .make(), secret: "s", address: "https://x", secondsToLive: 60, token: "t")
            }
            Self.expect(fault, expected)
        }
    }

    @Test func `a quota is the project's when Google says that it counts no user`() {
        #expect(Self.quota(CalendarFault.projectQuota).isOfProject)
        #expect(Self.quota("dailyLimitExceeded").isOfProject)
        #expect(!Self.quota("rateLimitExceeded").isOfProject && !CalendarFault.gone.isOfProject)
    }
}
