/// What is wrong with the lines of a recurring event.
package struct InvalidRecurrence: Error, Sendable, Equatable, CustomStringConvertible {
    /// The property, such as `RRULE` or `EXDATE`; `recurrence` for all lines together.
    package var property: String
    /// The part of the rule or the parameter, such as `BYDAY` or `TZID`. `nil`: the line as a whole.
    package var part: String?
    /// Says what to do. Repeats no value.
    package var message: String

    package init(property: String, part: String? = nil, message: String) {
        self.property = property
        self.part = part
        self.message = message
    }

    package var description: String {
        part.map { "\(property), \($0): \(message)" } ?? "\(property): \(message)"
    }

    /// A name out of the text, as far as it is one: the first 32 of its letters, digits and hyphens.
    static func name(_ text: some StringProtocol) -> String {
        let letters = text.utf8.prefix(32).prefix {
            $0 == UInt8(ascii: "-") || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
        }
        return letters.isEmpty ? "(no name)" : String(decoding: letters, as: UTF8.self).uppercased()
    }
}
