import Domain
import FoundationEssentials
import HTTPTypes
import Testing

@testable import APIGateway

@Suite struct OpenStreamsTests {
    private static func principal(_ actor: Principal.Actor) -> Principal {
        Principal(actor: actor, tenant: .make(), permissions: .all)
    }

    @Test func `a caller has so many places, and a place is free when it is let go of`() throws {
        let streams = OpenStreams(perCaller: 2, limit: 10)
        let one = Self.principal(.key(.make()))
        let other = Self.principal(.key(.make()))
        var places = [try streams.enter(one), try streams.enter(one)]
        let problem = #expect(throws: Problem.self) { try streams.enter(one) }
        #expect(problem?.status == .tooManyRequests && problem?.headers[.retryAfter] != nil)
        places.append(try streams.enter(other))
        #expect(streams.open == 3)
        places.removeFirst()
        places.append(try streams.enter(one))
        places = []
        #expect(streams.open == 0)
    }

    @Test func `all together have a bound as well`() throws {
        let streams = OpenStreams(perCaller: 10, limit: 3)
        let places = try (0..<3).map { _ in try streams.enter(Self.principal(.user(.make(), session: nil))) }
        let problem = #expect(throws: Problem.self) { try streams.enter(Self.principal(.service)) }
        #expect(problem?.status == .serviceUnavailable)
        #expect(problem?.type == "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity")
        #expect(places.count == streams.open)
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (1_795_219_200, "Sat, 21 Nov 2026 00:00:00 GMT"),
    ])
    func `a sunset is an HTTP date`(seconds: Int, text: String) {
        #expect(Deprecated.text(of: Date(timeIntervalSince1970: Double(seconds))) == text)
    }
}
