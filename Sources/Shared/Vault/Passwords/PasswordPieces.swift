/// How many pieces a password is remembered in: a run of the alphabet, of digits, of a keyboard's row or of one
/// character counts as one, whatever its length; any other character counts as one too.
enum PasswordPieces {
    private static let rows = ["qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "1234567890"].map {
        Array($0)
    }

    /// - Parameter password: in lower case.
    static func count(_ password: [Character]) -> Int {
        var pieces = 0
        var start = 0
        while start < password.count {
            pieces += 1
            start += run(password[start...])
        }
        return pieces
    }

    /// The length of the run it begins with; 1 when there is none of three or more.
    private static func run(_ rest: ArraySlice<Character>) -> Int {
        let length =
            ([repeats, rises, falls] + rows.flatMap { [along($0), along($0.reversed())] })
            .map { follows in 1 + zip(rest, rest.dropFirst()).prefix { follows($0, $1) }.count }
            .max() ?? 1
        return length >= 3 ? length : 1
    }

    private static func repeats(_ left: Character, _ right: Character) -> Bool { left == right }
    private static func rises(_ left: Character, _ right: Character) -> Bool { step(left, right) == 1 }
    private static func falls(_ left: Character, _ right: Character) -> Bool { step(left, right) == -1 }

    private static func step(_ left: Character, _ right: Character) -> Int? {
        guard let left = left.asciiValue, let right = right.asciiValue else { return nil }
        return Int(right) - Int(left)
    }

    private static func along(_ row: [Character]) -> (Character, Character) -> Bool {
        { left, right in row.firstIndex(of: left).map { $0 + 1 < row.count && row[$0 + 1] == right } ?? false }
    }
}
