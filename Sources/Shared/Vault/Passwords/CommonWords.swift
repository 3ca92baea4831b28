/// What is tried first by whoever guesses. Short on purpose: the long list is the breached passwords' file.
enum CommonWords {
    static let all = [
        "administrator", "alexander", "asshole", "babygirl", "baseball", "basketball", "batman", "butterfly",
        "changeme", "charlie", "chocolate", "christmas", "computer", "cookie", "daniel", "default", "dragon",
        "elephant", "flower", "football", "freedom", "friends", "fuckyou", "google", "guest", "hannah", "hello",
        "hockey", "hunter", "iloveyou", "internet", "jennifer", "jessica", "jordan", "killer", "letmein", "liverpool",
        "lovely", "master", "matrix", "michael", "michelle", "monkey", "mustang", "mynoob", "nicole", "ninja",
        "pass", "passphrase", "passwort", "password", "pokemon", "princess", "qwerty", "ranger", "robert", "samsung",
        "secret", "security", "service", "shadow", "soccer", "spiderman", "starwars", "summer", "sunshine", "superman",
        "superstar", "tigger", "trustno", "welcome", "whatever", "william", "winter", "zaqxsw",
    ].sorted { $0.count > $1.count }

    /// The letter that a digit or sign often stands for.
    static func letter(_ character: Character) -> Character {
        switch character {
        case "0": "o"
        case "1", "!": "i"
        case "3": "e"
        case "4", "@": "a"
        case "5", "$": "s"
        case "7": "t"
        default: character
        }
    }
}
