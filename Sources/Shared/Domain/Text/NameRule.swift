/// What may be the name of a person, a company or a thing. A name is read by others: there is something to see in it,
/// and nothing that cannot be seen, so that nobody goes by a blank, and none changes how the text beside it reads.
package struct NameRule: Sendable {
    /// Counted as the database does: Unicode scalars.
    package let maxCharacters: Int
    /// Whether there may be no name at all.
    let isOptional: Bool

    package static let person = NameRule(maxCharacters: 200, isOptional: true)
    package static let company = NameRule(maxCharacters: 200, isOptional: false)
    package static let key = NameRule(maxCharacters: 100, isOptional: false)

    /// Says what is expected, behind the name of the field.
    package var sentence: String {
        "must be \(isOptional ? "at most" : "1 to") \(maxCharacters) characters with something to see in them, "
            + "none of them a control, invisible or unassigned character"
    }

    /// The name as it is kept, without white space around it. `nil`: it cannot be one.
    package func name(_ text: String) -> String? {
        let trimmed = text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        let name = String(trimmed)
        if name.isEmpty { return isOptional ? name : nil }
        let looks = name.unicodeScalars.map(Appearance.init)
        return looks.count <= maxCharacters && Self.isLegible(looks) ? name : nil
    }

    private static func isLegible(_ looks: [Appearance]) -> Bool {
        looks.contains(.visible)
            && looks.indices.allSatisfy { index in
                let before = index == looks.startIndex ? nil : looks[index - 1]
                let after = index + 1 == looks.endIndex ? nil : looks[index + 1]
                return switch looks[index] {
                case .visible, .mark, .blank: true
                case .selector: before == .visible
                case .joiner:
                    (before == .visible || before == .mark || before == .selector)
                        && (after == .visible || after == .mark)
                case .hidden: false
                }
            }
    }
}
