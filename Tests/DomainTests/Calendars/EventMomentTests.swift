import Domain
import Foundation
import Testing

@Suite struct EventMomentTests {
    private func read(_ json: String) throws -> EventMoment {
        try JSONDecoder().decode(EventMoment.self, from: Data(json.utf8))
    }

    private func written(_ moment: EventMoment) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(moment), as: UTF8.self)
    }

    @Test(arguments: [
        (#"{"date":"2026-01-31"}"#, #"{"date":"2026-01-31"}"#),
        (#"{"date":"2026-01-31","dateTime":null,"timeZone":"Europe/Berlin"}"#, #"{"date":"2026-01-31"}"#),
        (
            #"{"dateTime":"2026-01-31T09:00:00+01:00","timeZone":"Europe/Berlin"}"#,
            #"{"dateTime":"2026-01-31T08:00:00Z","timeZone":"Europe/Berlin"}"#
        ),
        (#"{"date":null,"dateTime":"2026-01-31T08:00:00Z"}"#, #"{"dateTime":"2026-01-31T08:00:00Z"}"#),
        (#"{"dateTime":"2026-01-31T08:00:00.75Z"}"#, #"{"dateTime":"2026-01-31T08:00:00Z"}"#),
        (#"{"dateTime":"2026-01-31T08:00:00+05:45"}"#, #"{"dateTime":"2026-01-31T02:15:00Z"}"#),
        (#"{"dateTime":"2026-01-31T08:00:00-23:59"}"#, #"{"dateTime":"2026-02-01T07:59:00Z"}"#),
        (
            #"{"dateTime":"2026-01-31T08:00:00Z","timeZone":"Mars/Olympus"}"#,
            #"{"dateTime":"2026-01-31T08:00:00Z","timeZone":"Mars/Olympus"}"#
        ),
        (
            #"{"dateTime":"2026-07-01T09:00:00","timeZone":"Europe/Berlin"}"#,
            #"{"dateTime":"2026-07-01T07:00:00Z","timeZone":"Europe/Berlin"}"#
        ),
        (#"{"dateTime":"1500-03-01T00:00:00Z"}"#, #"{"dateTime":"1500-03-01T00:00:00Z"}"#),
        (#"{"dateTime":"9999-12-31T23:59:59Z"}"#, #"{"dateTime":"9999-12-31T23:59:59Z"}"#),
        (#"{"dateTime":"9999-12-31T23:00:00-05:00"}"#, #"{"dateTime":"9999-12-31T23:59:59Z"}"#),
        (#"{"dateTime":"0001-01-01T00:00:00+01:00"}"#, #"{"dateTime":"0001-01-01T00:00:00Z"}"#),
    ])
    func `what is read is written so that it reads the same`(json: String, expected: String) throws {
        let moment = try read(json)
        #expect(try written(moment) == expected)
        #expect(try read(expected) == moment)
    }

    @Test(arguments: [
        "{}", #"{"date":"2026-02-30"}"#, #"{"date":""}"#, #"{"dateTime":"2026-01-31"}"#,
        #"{"dateTime":"2026-01-31T08:00:00"}"#, #"{"dateTime":"2026-01-31T08:00:00","timeZone":"Mars/Olympus"}"#,
        #"{"timeZone":"Europe/Berlin"}"#, #"{"date":20260131}"#,
    ])
    func `what is no moment is refused`(json: String) {
        #expect(throws: DecodingError.self) { try read(json) }
    }

    @Test func `instants beyond all years are written as the last or the first`() throws {
        for date in [Date(timeIntervalSince1970: .infinity), Date(timeIntervalSince1970: -1e15)] {
            let text = try written(.time(date, zone: nil))
            #expect(try read(text) != .day(day("2026-01-01")))
        }
    }
}
