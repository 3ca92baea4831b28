/// Why a password is not taken: a reason for programs and a sentence for people.
package enum PasswordRefusal: Hashable, Sendable {
    case tooShort(minCharacters: Int)
    case tooLong
    /// Little is left of it without the address, the name, or ours.
    case personal
    /// Little is left of it without a word that everyone takes.
    case common
    /// Something repeated, or characters in the order of alphabet, digits or keyboard.
    case pattern
    case fewCharacters
    /// Known from breaches elsewhere.
    case breached

    package var reason: String {
        switch self {
        case .tooShort: "too_short"
        case .tooLong: "too_long"
        case .personal: "personal"
        case .common: "common"
        case .pattern: "pattern"
        case .fewCharacters: "few_characters"
        case .breached: "breached"
        }
    }

    package var sentence: String {
        switch self {
        case .tooShort(let minCharacters): "The password needs at least \(minCharacters) characters."
        case .tooLong: "The password may have at most \(PasswordHasher.passwordBytes.upperBound) bytes."
        case .personal: "The password is mostly your e-mail address, your name or the name of this service."
        case .common: "The password is mostly a word that is tried first by whoever guesses."
        case .pattern: "The password repeats something, or follows the alphabet, the digits or the keyboard."
        case .fewCharacters: "The password uses too few different characters."
        case .breached: "The password is known from a breach elsewhere. Choose one you have not used before."
        }
    }
}
