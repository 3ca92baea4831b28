/// Text as part of an HTML document.
package enum HTMLText {
    /// As it has to stand in an element or in a quoted attribute to be read as text:
    /// https://html.spec.whatwg.org/multipage/syntax.html#syntax-text
    package static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
