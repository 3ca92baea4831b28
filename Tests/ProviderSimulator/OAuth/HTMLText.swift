/// Text made safe for an HTML page: in elements and in quoted attributes.
struct HTMLText: Sendable, ExpressibleByStringInterpolation {
    /// Markup.
    private(set) var markup: String

    init(stringLiteral value: String) { markup = value }

    init(stringInterpolation: Interpolation) { markup = stringInterpolation.markup }

    static func joined(_ parts: [HTMLText]) -> HTMLText {
        var all: HTMLText = ""
        all.markup = parts.map(\.markup).joined(separator: "\n")
        return all
    }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate(set) var markup = ""

        init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity) }

        mutating func appendLiteral(_ literal: String) { markup += literal }

        /// Text of others, which becomes no markup.
        mutating func appendInterpolation(_ text: String) {
            for character in text {
                switch character {
                case "&": markup += "&amp;"
                case "<": markup += "&lt;"
                case ">": markup += "&gt;"
                case "\"": markup += "&quot;"
                case "'": markup += "&#39;"
                default: markup.append(character)
                }
            }
        }

        mutating func appendInterpolation(_ html: HTMLText) { markup += html.markup }
    }
}
