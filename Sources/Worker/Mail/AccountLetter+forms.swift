import Mail

extension AccountLetter {
    /// The letter as plain text.
    var text: String {
        (opening + (link.map { [$0.url] } ?? []) + closing).joined(separator: "\n\n") + "\n"
    }

    /// The letter as HTML that asks for nothing from anywhere.
    var html: String {
        let button = link.map { link in
            """
            <p><a href="\(Self.escaped(link.url))" style="\(Self.buttonStyle)">\(Self.escaped(link.label))</a></p>
            <p style="\(Self.softStyle)">Or copy this address:<br>\(Self.escaped(link.url))</p>

            """
        }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>\(Self.escaped(subject))</title></head>
            <body style="\(Self.bodyStyle)">
            \(Self.paragraphs(opening))\(button ?? "")\(Self.paragraphs(closing))</body></html>

            """
    }

    private static let bodyStyle = "font:16px/1.5 sans-serif;color:#1e2327;max-width:34em;margin:2em auto;padding:0 1em"
    private static let softStyle = "font-size:14px;color:#575e66;word-break:break-all"
    private static let buttonStyle =
        "display:inline-block;padding:.6em 1.2em;border-radius:8px;background:#1d6b5f;color:#fff;text-decoration:none"

    private static func paragraphs(_ texts: [String]) -> String {
        texts.map { "<p>\(escaped($0))</p>\n" }.joined()
    }

    private static func escaped(_ text: String) -> String { HTMLText.escaped(text) }
}
