/// One content line of iCalendar (RFC 5545 section 3.1), unfolded: `EXDATE;TZID=Europe/Berlin:20260131T080000`.
struct RecurrenceLine {
    /// Upper case.
    let name: String
    private(set) var parameters: [(name: String, value: String)] = []
    private(set) var value: Substring = ""

    init(_ text: String) throws(InvalidRecurrence) {
        var rest = text[...]
        name = Self.take(from: &rest, until: ";:").uppercased()
        while rest.first == ";" {
            rest = rest.dropFirst()
            let parameter = Self.take(from: &rest, until: "=;:").uppercased()
            guard rest.first == "=", !parameter.isEmpty else { throw malformed }
            rest = rest.dropFirst()
            parameters.append((parameter, try Self.parameterValue(from: &rest, of: malformed)))
        }
        guard rest.first == ":", !name.isEmpty else { throw malformed }
        value = rest.dropFirst()
    }

    private static func take(from text: inout Substring, until ends: String) -> Substring {
        let part = text.prefix { !ends.contains($0) }
        text = text[part.endIndex...]
        return part
    }

    /// What stands in quotation marks may hold colons, semicolons and commas.
    private static func parameterValue(
        from text: inout Substring, of error: InvalidRecurrence
    ) throws(InvalidRecurrence) -> String {
        guard text.first == "\"" else { return String(take(from: &text, until: ";:")) }
        text = text.dropFirst()
        let value = take(from: &text, until: "\"")
        guard !text.isEmpty else { throw error }
        text = text.dropFirst()
        return String(value)
    }

    private var malformed: InvalidRecurrence {
        invalid("Write lines as NAME:VALUE or NAME;PARAMETER=VALUE:VALUE.")
    }

    func invalid(_ message: String, part: String? = nil) -> InvalidRecurrence {
        InvalidRecurrence(property: InvalidRecurrence.name(name), part: part, message: message)
    }
}
