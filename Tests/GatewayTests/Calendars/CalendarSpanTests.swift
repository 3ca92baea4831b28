import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import APIGateway

@Suite struct CalendarSpanTests {
    private static func query(_ text: String) -> QueryReader {
        let head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/api/v1/events?\(text)")
        return QueryReader(request: Request(head: head, body: RequestBody(buffer: ByteBuffer())))
    }

    private static func fields(_ text: String) -> [String] {
        do {
            _ = try CalendarSpan(query(text))
            return []
        } catch {
            return (error as? InvalidCommand)?.problems.map(\.field) ?? ["\(error)"]
        }
    }

    private static func date(_ text: String) throws -> Date { try #require(RFC3339.date(text)) }

    @Test func `days are those of the zone, and begin where its clocks say`() throws {
        let span = try CalendarSpan(Self.query("from=2026-01-01&to=2026-07-01&zone=Europe/Berlin"))
        #expect(try span.range == Self.date("2025-12-31T23:00:00Z")..<Self.date("2026-06-30T22:00:00Z"))
        #expect(span.zone.name == "Europe/Berlin")
        // Clocks in Cairo are set forward at midnight: the day begins at one.
        let cairo = try CalendarSpan(Self.query("from=2026-04-24&to=2026-04-25&zone=Africa/Cairo"))
        #expect(try cairo.range.lowerBound == Self.date("2026-04-24T01:00:00+03:00"))
    }

    @Test func `without a zone days are those of UTC`() throws {
        let span = try CalendarSpan(Self.query("from=2026-01-01&to=2026-01-02"))
        #expect(try span.range == Self.date("2026-01-01T00:00:00Z")..<Self.date("2026-01-02T00:00:00Z"))
    }

    @Test(arguments: ["2026-01-31T08:00:00%2B01:00", "2026-01-31T08:00:00+01:00", "2026-01-31t07:00:00z"])
    func `an instant is read, also with a plus that was not escaped`(_ text: String) throws {
        let span = try CalendarSpan(Self.query("from=\(text)&to=2026-02-01"))
        #expect(try span.range.lowerBound == Self.date("2026-01-31T07:00:00Z"))
    }

    @Test func `a zone with a plus in its name is read too`() throws {
        let span = try CalendarSpan(Self.query("from=2026-01-01&to=2026-01-02&zone=Etc/GMT+5"))
        #expect(try span.range.lowerBound == Self.date("2026-01-01T05:00:00Z"))
    }

    @Test(arguments: [
        ("", ["from", "to"]), ("from=2026-01-01", ["to"]), ("from=today&to=tomorrow", ["from", "to"]),
        ("from=2026-01-01&to=2026-01-02&zone=Mars/Base", ["zone"]),
        ("from=2026-02-30&zone=CET%2F", ["zone", "from", "to"]),
        ("from=2026-01-02&to=2026-01-02", ["to"]), ("from=2026-01-02&to=2026-01-01", ["to"]),
        ("from=2026-01-01T08:00:00&to=2026-01-02", ["from"]), ("from=2026-01-01&to=2027-01-03", ["to"]),
    ])
    func `everything that is wrong is named`(_ text: String, _ expected: [String]) {
        #expect(Self.fields(text) == expected)
    }

    @Test func `366 days are as many by the clock, whatever summer time does`() {
        #expect(Self.fields("from=2026-01-01&to=2027-01-02") == [])
        #expect(Self.fields("from=2026-01-01&to=2027-01-03") == ["to"])
        // An hour more than 366 times 24: it begins in summer, and ends in winter.
        #expect(Self.fields("from=2026-10-24&to=2027-10-25&zone=Europe/Berlin") == [])
        #expect(Self.fields("from=2026-10-24&to=2027-10-26&zone=Europe/Berlin") == ["to"])
        #expect(Self.fields("from=2025-10-25&to=2026-10-26&zone=Europe/Berlin") == [])
        #expect(Self.fields("from=2026-01-01T00:00:00Z&to=2027-01-02T00:00:00Z&zone=Europe/Berlin") == [])
        #expect(Self.fields("from=2026-01-01T00:00:00Z&to=2027-01-02T00:00:01Z&zone=Europe/Berlin") == ["to"])
    }

    @Test func `the first and the last days of all are no trap`() {
        for zone in ["UTC", "Europe/Berlin", "Pacific/Apia"] {
            for (from, to) in [
                ("0001-01-01", "0001-12-31"), ("9999-01-01", "9999-12-31"), ("3999-12-30", "4000-01-02"),
            ] {
                _ = Self.fields("from=\(from)&to=\(to)&zone=\(zone)")
            }
        }
    }
}
