import Foundation

/// `application/x-www-form-urlencoded` text: a token request's body or a query.
struct FormBody: Sendable {
    private(set) var values: [String: String] = [:]
    /// In the order of the text, repetitions included.
    private(set) var pairs: [(name: String, value: String)] = []

    init(_ text: String) {
        for part in text.split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = Self.decoded(halves[0])
            let value = halves.count > 1 ? Self.decoded(halves[1]) : ""
            pairs.append((name, value))
            if values[name] == nil { values[name] = value }
        }
    }

    /// A parameter without a value counts as omitted (RFC 6749, section 3.1).
    subscript(name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    /// The first name that comes twice, which RFC 6749, section 3.2 forbids; nil: none.
    var repeated: String? {
        var seen = Set<String>()
        return pairs.first { !seen.insert($0.name).inserted }?.name
    }

    private static func decoded(_ text: Substring) -> String {
        let spaced = String(text).replacing("+", with: " ")
        return spaced.removingPercentEncoding ?? spaced
    }

    static func encoded(_ pairs: [(String, String)]) -> String {
        pairs.map { "\(escaped($0.0))=\(escaped($0.1))" }.joined(separator: "&")
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}
