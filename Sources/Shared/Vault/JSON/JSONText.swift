/// Writes the small flat objects of headers, claims and keys, members in the order given.
enum JSONText {
    enum Member {
        case text(String, String)
        case number(String, Int64)
    }

    static func object(_ members: [Member]) -> String {
        let parts = members.map { member in
            switch member {
            case .text(let name, let value): quoted(name) + ":" + quoted(value)
            case .number(let name, let value): quoted(name) + ":\(value)"
            }
        }
        return "{" + parts.joined(separator: ",") + "}"
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
