import ArgumentParser
import Domain
import FoundationEssentials
import Jobs

/// How a command answers.
struct OutputOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print one JSON document instead of a table.")
    var isJSON = false

    /// Prints the one or the other on standard output.
    func print(_ table: @autoclosure () -> String, json: (inout JSONWriter) -> Void) {
        guard isJSON else { return Swift.print(table(), terminator: "") }
        var writer = JSONWriter(capacity: 4096)
        json(&writer)
        Swift.print(String(decoding: writer.bytes, as: UTF8.self))
    }

    /// Prints a list: as the table, or as a document with one array of this name.
    func print<Entry>(
        _ table: @autoclosure () -> String, _ name: StaticString, _ entries: [Entry],
        _ write: (Entry, inout JSONWriter) -> Void
    ) {
        print(table()) { writer in
            writer.object { object in
                object.key(name)
                object.array { array in for entry in entries { write(entry, &array) } }
            }
        }
    }
}

extension JSONWriter {
    mutating func field(_ name: StaticString, optional value: Int?) {
        key(name)
        if let value { int(value) } else { null() }
    }

    /// Rounded to milliseconds or thousandths; null for what is no number.
    mutating func field(_ name: StaticString, rounded value: Double?) {
        key(name)
        if let value, value.isFinite { double((value * 1000).rounded() / 1000) } else { null() }
    }

    /// The count, and whether there may be more.
    mutating func field(_ name: StaticString, _ tally: Tally) {
        key(name)
        object { object in
            object.field("count", tally.count)
            object.field("capped", tally.isCapped)
        }
    }
}

/// Values as people read them.
enum Words {
    static func tally(_ tally: Tally) -> String { "\(tally.count)\(tally.isCapped ? "+" : "")" }

    /// `850ms`, `12s`, `3m20s`, `5h07m`, `2d04h`; `-` for nothing.
    static func seconds(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite else { return "-" }
        let whole = Int(seconds.rounded())
        switch seconds {
        case ...0: return "0s"
        case ..<1: return "\(Int((seconds * 1000).rounded()))ms"
        case ..<60: return "\(whole)s"
        case ..<3600: return "\(whole / 60)m\(two(whole % 60))s"
        case ..<86_400: return "\(whole / 3600)h\(two(whole / 60 % 60))m"
        default: return "\(whole / 86_400)d\(two(whole / 3600 % 24))h"
        }
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    static func ago(_ date: Date?) -> String { date.map { seconds(Date().timeIntervalSince($0)) } ?? "-" }

    /// RFC 3339, UTC, seconds.
    static func time(_ date: Date?) -> String { date.map { $0.formatted(Date.ISO8601FormatStyle()) } ?? "-" }

    static func limit(_ limit: Int?) -> String { limit.map(String.init) ?? "none" }

    /// With one digit, or none where it is large.
    static func rate(_ perMinute: Double) -> String {
        perMinute >= 100 || perMinute == 0 ? String(Int(perMinute.rounded())) : String((perMinute * 10).rounded() / 10)
    }
}
