import FoundationEssentials
import Mail

/// The pages of `/dev/mail`. Whatever a mail holds is text in them; what begins as a link can be followed.
enum MailboxPage {
    static func list(_ entries: [MailFolder.Entry]) -> String {
        let rows = entries.map { entry in
            """
            <li><a href="/dev/mail/\(escaped(entry.name))">
            <span class="subject">\(escaped(shown(entry.mail.subject)))</span>
            <span class="to">\(escaped(entry.mail.to))</span>
            <time>\(escaped(time(entry.writtenAt)))</time></a></li>
            """
        }
        let body = rows.isEmpty ? "<p class=\"none\">No mail yet.</p>" : "<ol>\(rows.joined(separator: "\n"))</ol>"
        return page("Mail", "<h1>Mail</h1>\n<p class=\"note\">Kept here instead of being sent.</p>\n\(body)")
    }

    static func mail(_ mail: StoredMail) -> String {
        let fields = [("From", mail.from), ("To", mail.to), ("Date", mail.date)].map { name, value in
            "<div><dt>\(name)</dt><dd>\(escaped(value))</dd></div>"
        }
        let subject = shown(mail.subject)
        return page(
            subject,
            """
            <p><a href="/dev/mail">All mail</a></p>
            <h1>\(escaped(subject))</h1>
            <dl>\(fields.joined(separator: "\n"))</dl>
            <pre>\(linked(mail.text))</pre>
            """)
    }

    private static func page(_ title: String, _ body: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <meta name="color-scheme" content="light dark">
          <title>\(escaped(title)) – Errand</title>
          <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
          <link rel="stylesheet" href="/assets/page.css">
          <link rel="stylesheet" href="/dev/mail.css">
        </head>
        <body class="mailbox">
        <header class="top"><a class="brand" href="/">Errand</a></header>
        <main>
        \(body)
        </main>
        </body>
        </html>

        """
    }

    private static func shown(_ subject: String) -> String { subject.isEmpty ? "(no subject)" : subject }

    private static func time(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(dateTimeSeparator: .space)).replacing("Z", with: " UTC")
    }

    /// Text with its http addresses as links.
    static func linked(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let match = rest.firstMatch(of: /https?:\/\/[^\s<>"]+/) {
            let url = escaped(String(match.0))
            result += escaped(String(rest[..<match.range.lowerBound]))
            result += "<a href=\"\(url)\" rel=\"noreferrer\">\(url)</a>"
            rest = rest[match.range.upperBound...]
        }
        return result + escaped(String(rest))
    }

    private static func escaped(_ text: String) -> String { HTMLText.escaped(text) }
}
