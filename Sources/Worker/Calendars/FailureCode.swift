/// A provider's reason as a failure's code.
enum FailureCode {
    /// `forbiddenForNonOrganizer` is `forbidden_for_non_organizer`; what cannot be one is `denied`.
    static func of(_ text: String) -> String {
        var name = ""
        for scalar in text.unicodeScalars.prefix(60) {
            switch scalar {
            case "A"..."Z": name += (name.isEmpty || name.last == "_" ? "" : "_") + String(scalar).lowercased()
            case "a"..."z", "0"..."9", "_": name.unicodeScalars.append(scalar)
            default: return "denied"
            }
        }
        let isName = name.utf8.count <= 63 && name.utf8.first.map { (97...122).contains($0) } == true
        return isName ? name : "denied"
    }
}
