import Domain
import Foundation

/// The query of one request, checked against the method's table.
struct CalendarParameters: Sendable {
    private let values: [String: [String]]

    /// Names in the order of the query, repetitions left out.
    let names: [String]
    /// Which part of the answer is wanted; nil: all.
    let selection: FieldSelection?

    init(_ query: FormBody, _ method: CalendarMethod) throws(CalendarRefusal) {
        let table = method.parameters
        var values: [String: [String]] = [:]
        var names: [String] = []
        for (name, value) in query.pairs {
            guard let kind = table[name] else {
                throw .unknown(
                    "Invalid JSON payload received. Unknown name \"\(name)\": Cannot bind query parameter. Field "
                        + "'\(name)' could not be found in request message.")
            }
            try Self.check(value, kind, name)
            if values[name] == nil { names.append(name) }
            values[name, default: []].append(value)
            if values[name]?.count ?? 0 > 1, !kind.isRepeatable {
                throw .invalid(name, "Parameter \(name) is given more than once.")
            }
        }
        selection = try values["fields"]?.first.map { text throws(CalendarRefusal) in
            try FieldSelection(text, of: .answer(of: method))
        }
        self.values = values
        self.names = names
    }

    private static func check(_ value: String, _ kind: ParameterKind, _ name: String) throws(CalendarRefusal) {
        let isGood =
            switch kind {
            case .text, .texts: true
            case .boolean: value == "true" || value == "false"
            case .integer(let range): Int(value).map(range.contains) ?? false
            case .oneOf(let all), .anyOf(let all): all.contains(value)
            case .time: RFC3339.date(value) != nil
            case .zone: Zones.named(value) != nil
            }
        guard isGood else { throw .invalid(name, "Invalid value '\(value)' for the parameter \(name).") }
    }

    subscript(name: String) -> String? { values[name]?.first }
    func has(_ name: String) -> Bool { values[name] != nil }
    func all(_ name: String) -> [String] { values[name] ?? [] }
    func isTrue(_ name: String) -> Bool { self[name] == "true" }
    func isFalse(_ name: String) -> Bool { self[name] == "false" }
    func integer(_ name: String) -> Int? { self[name].flatMap { Int($0) } }
    /// Whole seconds: "Milliseconds may be provided but are ignored."
    func date(_ name: String) -> Date? {
        self[name].flatMap { RFC3339.date($0) }.map {
            Date(timeIntervalSince1970: $0.timeIntervalSince1970.rounded(.down))
        }
    }

    /// What a token is bound to: every parameter but those given and the standard ones, defaults left out.
    func digest(without excluded: Set<String>) -> String {
        let standard: Set = ["alt", "fields", "key", "oauth_token", "prettyPrint", "quotaUser", "userIp"]
        return values.filter { !excluded.contains($0.key) && !standard.contains($0.key) && $0.value != ["false"] }
            .map { "\($0.key)=\($0.value.sorted().joined(separator: ","))" }.sorted().joined(separator: "&")
    }
}

extension ParameterKind {
    fileprivate var isRepeatable: Bool {
        switch self {
        case .anyOf, .texts: true
        default: false
        }
    }
}
