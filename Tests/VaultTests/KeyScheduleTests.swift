import FoundationEssentials
import Testing

@testable import Vault

/// When another issuer's keys are fetched and believed; no clock runs, nothing is fetched.
@Suite struct KeyScheduleTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)
    private let a: JSONWebKey
    private let b: JSONWebKey

    init() async throws {
        (a, b) = (try await SigningKey.generate(.es256).key, try await SigningKey.generate(.es256).key)
    }

    private func name(_ step: KeySchedule.Step) -> String {
        switch step {
        case .use(let key): key.kid == a.kid ? "use a" : "use b"
        case .refuse(let refusal): refusal == .unknownKey ? "unknown" : "unavailable"
        case .fetch: "fetch"
        case .wait: "wait"
        }
    }

    /// One that knows `a`, fetched at the start.
    private func fetched() -> KeySchedule {
        var schedule = KeySchedule()
        #expect(name(schedule.step(kid: "a", now: Self.start)) == "fetch")
        schedule.fetched(["a": a], now: Self.start)
        return schedule
    }

    @Test func `the first token makes it fetch, and the others wait`() {
        var schedule = KeySchedule()
        #expect(name(schedule.step(kid: "a", now: Self.start)) == "fetch")
        #expect(name(schedule.step(kid: "a", now: Self.start)) == "wait")
        #expect(name(schedule.step(kid: "b", now: Self.start)) == "wait")
        schedule.fetched(["a": a], now: Self.start)
        #expect(name(schedule.step(kid: "a", now: Self.start)) == "use a")
    }

    @Test func `an unknown key makes it fetch at most every 30 seconds`() {
        var schedule = fetched()
        for second in 0..<30 { #expect(name(schedule.step(kid: "b", now: Self.start + Double(second))) == "unknown") }
        #expect(name(schedule.step(kid: "b", now: Self.start + 30)) == "fetch")
        #expect(name(schedule.step(kid: "a", now: Self.start + 30)) == "use a", "known keys do not wait")
        schedule.fetched(["a": a, "b": b], now: Self.start + 31)
        #expect(name(schedule.step(kid: "b", now: Self.start + 31)) == "use b")
        #expect(name(schedule.step(kid: "c", now: Self.start + 60)) == "unknown")
        #expect(name(schedule.step(kid: "c", now: Self.start + 61)) == "fetch")
    }

    @Test func `a set is fresh for ten minutes, then one asks and the others go on`() {
        var schedule = fetched()
        #expect(name(schedule.step(kid: "a", now: Self.start + 599)) == "use a")
        #expect(name(schedule.step(kid: "a", now: Self.start + 600)) == "fetch")
        #expect(name(schedule.step(kid: "a", now: Self.start + 600)) == "use a")
        schedule.fetched(["b": b], now: Self.start + 601)
        #expect(name(schedule.step(kid: "a", now: Self.start + 601)) == "unknown", "taken away")
        #expect(name(schedule.step(kid: "b", now: Self.start + 601)) == "use b")
    }

    @Test func `while fetching fails the last good set is believed, for twenty minutes in all`() {
        var schedule = fetched()
        var fetches = 0
        for second in 600..<1200 {
            let now = Self.start + Double(second)
            let step = name(schedule.step(kid: "a", now: now))
            if step == "fetch" {
                fetches += 1
                schedule.fetched(nil, now: now)
                #expect(name(schedule.step(kid: "a", now: now)) == "use a")
            } else {
                #expect(step == "use a")
            }
        }
        #expect(fetches == 20, "every 30 seconds")
        #expect(name(schedule.step(kid: "a", now: Self.start + 1200)) == "fetch")
        schedule.fetched(nil, now: Self.start + 1200)
        #expect(name(schedule.step(kid: "a", now: Self.start + 1201)) == "unavailable")
        #expect(name(schedule.step(kid: "a", now: Self.start + 1230)) == "fetch")
        schedule.fetched(["a": a], now: Self.start + 1230)
        #expect(name(schedule.step(kid: "a", now: Self.start + 1231)) == "use a")
    }

    @Test func `a first fetch that fails is tried again after 30 seconds`() {
        var schedule = KeySchedule()
        #expect(name(schedule.step(kid: "a", now: Self.start)) == "fetch")
        schedule.fetched(nil, now: Self.start)
        #expect(name(schedule.step(kid: "a", now: Self.start + 29)) == "unavailable")
        #expect(name(schedule.step(kid: "a", now: Self.start + 30)) == "fetch")
    }

    @Test func `an abandoned fetch counts for nothing`() {
        var schedule = KeySchedule()
        #expect(name(schedule.step(kid: "a", now: Self.start)) == "fetch")
        schedule.abandoned()
        #expect(name(schedule.step(kid: "a", now: Self.start)) == "fetch")
    }

    @Test func `a clock that goes back makes it ask and does not make it believe longer`() {
        var schedule = fetched()
        #expect(name(schedule.step(kid: "a", now: Self.start - 700)) == "fetch")
        schedule.fetched(nil, now: Self.start - 700)
        #expect(name(schedule.step(kid: "a", now: Self.start - 1201)) == "fetch")
    }

    @Test func `the version rises only with other keys`() {
        var schedule = fetched()
        let version = schedule.version
        schedule.fetched(["a": a], now: Self.start + 700)
        schedule.fetched(nil, now: Self.start + 800)
        #expect(schedule.version == version)
        schedule.fetched(["a": b], now: Self.start + 900)
        #expect(schedule.version > version)
    }
}
