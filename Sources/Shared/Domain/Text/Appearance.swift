/// What people see of a character.
enum Appearance {
    case visible
    /// Sits on the character before it.
    case mark
    /// Chooses between the looks of the character before it, such as text or emoji.
    case selector
    /// U+200C, U+200D: say whether two letters, or pictures, are drawn as one. Persian, Indic scripts and emoji need
    /// them.
    case joiner
    case blank
    /// Nothing, or what this version of Unicode does not know, or what turns the direction of its neighbours.
    case hidden

    init(_ scalar: Unicode.Scalar) {
        let properties = scalar.properties
        if scalar == "\u{200C}" || scalar == "\u{200D}" {
            self = .joiner
        } else if properties.isVariationSelector {
            self = .selector
        } else if properties.isDefaultIgnorableCodePoint || Self.unseen.contains(properties.generalCategory)
            || Self.emptySymbols.contains(scalar)
        {
            self = .hidden
        } else if properties.generalCategory == .spaceSeparator || scalar == Self.emptyBraille {
            self = .blank
        } else {
            self = Self.marks.contains(properties.generalCategory) ? .mark : .visible
        }
    }

    /// Symbols by their class: a place for an object, and a note without a head.
    private static let emptySymbols: Set<Unicode.Scalar> = ["\u{FFFC}", "\u{1D159}"]
    private static let emptyBraille: Unicode.Scalar = "\u{2800}"
    private static let marks: Set<Unicode.GeneralCategory> = [.nonspacingMark, .spacingMark, .enclosingMark]
    private static let unseen: Set<Unicode.GeneralCategory> = [
        .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate,
    ]
}

extension Unicode.Scalar {
    /// Whether there is something to see of it, by itself.
    package var isVisible: Bool { Appearance(self) == .visible }
}
