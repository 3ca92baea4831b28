import Domain
import Foundation
import Jobs
import Postgres
import Store
import TestSupport
import Testing

/// Workers that are killed in the middle of a renewal, at each step of it.
@Suite(.serialized, .timeLimit(.minutes(10))) struct RenewalKillTests {
    /// Where the first worker dies.
    enum Step: String, CaseIterable, Sendable {
        case beforeItIsWrittenDown
        /// The provider has not heard of it.
        case beforeTheProviderIsAsked
        /// It acts when nobody listens any more.
        case whileTheProviderHoldsTheRequest
        case afterTheProviderActed
        case beforeTheAnswerIsWritten
        case afterTheAnswerIsWritten

        /// Whether the only good refresh token went to a dead worker, where each is good once.
        var losesRotation: Bool {
            [.whileTheProviderHoldsTheRequest, .afterTheProviderActed, .beforeTheAnswerIsWritten].contains(self)
        }
    }

    @Test(arguments: Step.allCases, ["google", "notion"])
    func `a renewal whose worker is killed`(at step: Step, provider: String) async throws {
        try await RenewalSystem.with { renewals in
            let connection = try await renewals.connect(provider)
            let jobs = try await renewals.enqueue(
                [RenewToken(connection.id, tokenVersion: 1)], tenant: connection.tenant)
            try await kill(at: step, connection, jobs[0], renewals)
            let started = ContinuousClock.now
            _ = try await renewals.startWorker()
            try await renewals.wait(for: jobs)
            let opened = try await renewals.connections().open(connection.id, tenant: connection.tenant)
            let (found, calls) = (opened.connection, try await renewals.renewalCalls())
            let isLost = provider == "notion" && step.losesRotation
            if isLost {
                #expect(found.state == .needsReconnect && found.reason == .lostRotation)
            } else {
                #expect(found.state == .active && found.tokenVersion == 2)
                let live = try await renewals.tokens().map(\.value)
                #expect(live.contains(opened.accessToken ?? ""))
                #expect(live.contains(opened.refreshToken ?? ""))
            }
            if step == .afterTheAnswerIsWritten { #expect(calls.count == 1) }
            print(
                """
                killed \(step.rawValue), \(provider): \(found.state.rawValue) \(found.reason?.rawValue ?? ""), \
                version \(found.tokenVersion), \(calls.count) calls, \((.now - started) / .seconds(1)) s
                """)
        }
    }

    private func kill(at step: Step, _ connection: Connection, _ job: JobID, _ renewals: RenewalSystem) async throws {
        let provider = connection.provider.rawValue
        let row = "SELECT 1 FROM connections WHERE id = '\(connection.id)' FOR UPDATE"
        switch step {
        case .beforeItIsWrittenDown:
            try await renewals.holding(row) { pid in
                let worker = try await renewals.startWorker()
                try await renewals.waitForBlocked(by: pid)
                await worker.killNow()
            }
        case .beforeTheProviderIsAsked:
            let port = try #require(renewals.system.providerURL.split(separator: ":").last.flatMap { UInt16($0) })
            let proxy = FreezableProxy(to: port)
            defer { proxy.close() }
            proxy.freeze()
            let worker = try await renewals.startWorker(base: "http://127.0.0.1:\(proxy.port)", timeoutSeconds: 20)
            try await renewals.until { try await renewals.system.count("SELECT count(*) FROM renewals") == 1 }
            await worker.killNow()
            // It would be waited for until its answer can come no more: that time has passed.
            try await renewals.system.owner.script("UPDATE renewals SET answer_by = now()")
        case .whileTheProviderHoldsTheRequest, .afterTheProviderActed:
            let isAsked = step == .whileTheProviderHoldsTheRequest
            try await renewals.fault(isAsked ? "pause" : "pause_after", at: provider)
            let worker = try await renewals.startWorker()
            _ = try await renewals.renewalCalls("&paused=true", atLeast: 1)
            await worker.killNow()
            try await renewals.control("POST", "resume")
        case .beforeTheAnswerIsWritten:
            try await renewals.fault("pause_after", at: provider)
            let worker = try await renewals.startWorker(timeoutSeconds: 20)
            _ = try await renewals.renewalCalls("&paused=true", atLeast: 1)
            try await renewals.holding(row) { pid in
                try await renewals.control("POST", "resume")
                try await renewals.waitForBlocked(by: pid)
                await worker.killNow()
            }
            try await renewals.system.owner.script("UPDATE renewals SET answer_by = now()")
        case .afterTheAnswerIsWritten:
            try await renewals.fault("pause_after", at: provider)
            let worker = try await renewals.startWorker(timeoutSeconds: 20)
            _ = try await renewals.renewalCalls("&paused=true", atLeast: 1)
            try await renewals.holding("SELECT 1 FROM jobs WHERE id = '\(job)' FOR UPDATE") { _ in
                try await renewals.control("POST", "resume")
                try await renewals.until {
                    try await renewals.system.count("SELECT count(*) FROM connections WHERE token_version = 2") == 1
                }
                await worker.killNow()
            }
        }
    }

    @Test(arguments: ["google", "notion"])
    func `a worker that is told to stop keeps what it was given first`(provider: String) async throws {
        try await RenewalSystem.with { renewals in
            let connection = try await renewals.connect(provider)
            try await renewals.fault("pause_after", at: provider)
            let worker = try await renewals.startWorker(timeoutSeconds: 20, ["WORKER_DRAIN_SECONDS": "0"])
            let jobs = try await renewals.enqueue(
                [RenewToken(connection.id, tokenVersion: 1)], tenant: connection.tenant)
            _ = try await renewals.renewalCalls("&paused=true", atLeast: 1)
            worker.signal(SIGTERM)
            // Its grace is long over.
            try await Task.sleep(for: .seconds(3))
            try await renewals.control("POST", "resume")
            #expect(await worker.exit() == 0)
            let opened = try await renewals.connections().open(connection.id, tenant: connection.tenant)
            #expect(opened.connection.state == .active && opened.connection.tokenVersion == 2)
            #expect(try await renewals.tokens().contains { $0.value == opened.accessToken })
            _ = try await renewals.startWorker()
            try await renewals.wait(for: jobs)
            #expect(try await renewals.renewalCalls().count == 1)
        }
    }

    @Test(arguments: ["google", "notion"])
    func `a worker that froze while another renewed overwrites nothing`(provider: String) async throws {
        try await RenewalSystem.with { renewals in
            let connection = try await renewals.connect(provider)
            try await renewals.fault("pause", at: provider)
            let zombie = try await renewals.startWorker(timeoutSeconds: provider == "google" ? 25 : 4)
            let jobs = try await renewals.enqueue(
                [RenewToken(connection.id, tokenVersion: 1)], tenant: connection.tenant)
            _ = try await renewals.renewalCalls("&paused=true", atLeast: 1)
            zombie.signal(SIGSTOP)
            let other = try await renewals.startWorker()
            try await renewals.wait(for: jobs)
            let before = try await renewals.connections().open(connection.id, tenant: connection.tenant)
            try await renewals.control("POST", "resume")
            zombie.signal(SIGCONT)
            try await renewals.until {
                try await renewals.system.count(
                    "SELECT count(*) FROM renewals WHERE outcome IS NULL") == 0
            }
            let after = try await renewals.connections().open(connection.id, tenant: connection.tenant)
            #expect(before.connection.tokenVersion == 2 && after.connection.tokenVersion == 2)
            #expect(after.connection.state == .active)
            #expect(after.accessToken == before.accessToken && after.refreshToken == before.refreshToken)
            #expect(try await renewals.tokens().map(\.value).contains(after.accessToken ?? ""))
            let outcomes = try await renewals.system.count("SELECT count(*) FROM renewals WHERE outcome = 'superseded'")
            #expect(outcomes == 1)
            await other.killNow()
            print("zombie, \(provider): version 2, \(try await renewals.renewalCalls().count) calls")
        }
    }
}
