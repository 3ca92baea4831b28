/// What every text obeys that is kept, however long it may be otherwise.
package enum StoredText {
    /// Said of a text with the one character that PostgreSQL cannot store:
    /// https://www.postgresql.org/docs/current/datatype-character.html
    package static let refusal = "must not contain the character U+0000 (NUL)"

    package static func accepts(_ text: String) -> Bool { !text.utf8.contains(0) }

    /// - Parameter field: named in the refusal.
    package static func check(_ field: String, _ text: String?) throws(InvalidCommand) {
        guard let text, !accepts(text) else { return }
        throw InvalidCommand(field: field, refusal)
    }
}
