import Foundation
import Mail
import TestSupport
import Testing

/// What `MailMessage` writes, sent to a server and read by Python's email package at its strictest.
@Suite(.serialized, .enabled(if: SMTPSink.python != nil), .timeLimit(.minutes(2))) struct EncodingTests {
    static let subjects = [
        "Hello", "", "Größe: 10 €, schön", "日本語の件名はとても長いので何行にも分かれてしまうことがあります。もう少し続きます。",
        "🧑‍🚀🧑‍🚀🧑‍🚀🧑‍🚀 four astronauts, each of several scalars",
        String(repeating: "word ", count: 60).trimmingCharacters(in: .whitespaces), String(repeating: "x", count: 300),
        "=?UTF-8?B?bm90IG9uZQ==?=", "a =? b ?= c", "e\u{301}\u{327}" + String(repeating: "\u{301}", count: 90),
        "\"quoted\" (comment) <angle>, a; b: c",
    ]

    /// Sends one mail for each text to one server, and looks at each as it arrived.
    private func check(
        _ texts: [String], _ make: @Sendable (_ text: String, _ local: String) throws -> MailMessage,
        _ look: @Sendable (_ text: String, _ mail: SMTPSink.Mail) throws -> Void
    ) async throws {
        try await SMTPSink.with { sink in
            let transport = try sink.transport()
            for (number, text) in texts.enumerated() {
                try await transport.send(try make(text, "n\(number)"))
                try look(text, try #require(try await sink.mail(to: "n\(number)@example.com")))
            }
        }
    }

    @Test func `a subject arrives as it was`() async throws {
        try await check(Self.subjects) {
            try letter(to: $1, subject: $0)
        } _: { subject, mail in
            #expect(mail.headers["subject"]?.first?.unicodeScalars.elementsEqual(subject.unicodeScalars) == true)
            #expect(mail.defects == [])
            #expect(mail.longest_line <= 78)
            #expect(mail.is_7_bit && mail.bare_line_ends == 0)
        }
    }

    static let attacks = [
        "Hello\r\nBcc: victim@example.com", "Hello\nBcc: victim@example.com", "Hello\rBcc: victim@example.com",
        "Hello\r\n\r\n<script>body</script>", "Hello\u{0}\u{1b}[31m", "Hello\u{85}\u{2028}Bcc: victim@example.com",
        "Grüße\r\nBcc: victim@example.com", "\r\n\r\n", "Hello\r\n Bcc: folded@example.com",
    ]

    @Test func `no text can smuggle a header in`() async throws {
        try await check(Self.attacks) { text, local in
            var message = try letter(to: local, subject: text, id: text)
            message.from = try #require(Mailbox(name: text, address: "errand@example.org"))
            message.to = try #require(Mailbox(name: text, address: "\(local)@example.com"))
            return message
        } _: { text, mail in
            #expect(
                Set(mail.headers.keys) == [
                    "from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type",
                    "content-transfer-encoding",
                ])
            #expect(mail.headers.values.allSatisfy { $0.count == 1 })
            #expect(mail.headers["subject"]?.first?.contains { $0.isNewline } == false)
            #expect(mail.text == "Hello.\r\n")
            #expect(mail.to_address == mail.to && mail.from_address == "errand@example.org")
            #expect(mail.defects == [])
        }
    }

    static let texts = [
        "Hello.\n", "no newline at the end", ".\n..\n.a\n\nFrom here\n.\n", "Grüße aus Köln\n",
        String(repeating: "Это довольно длинный русский текст. ", count: 100) + "\n",
        String(repeating: "https://example.org/#verify=evt_", count: 200),
        "trailing blanks  \nand a tab\t\n a = b = c\n",
        "mixed\r\nline\rends\n", String(repeating: "🧑‍🚀", count: 500), "control \u{1} \u{7f} \u{0}\n", "=\n==\n=3D\n",
        (0..<3000).map { ".\($0)\n" }.joined(),
    ]

    @Test func `a text arrives as it was`() async throws {
        try await check(Self.texts) {
            try letter(to: $1, text: $0, html: "<p>\($0)</p>")
        } _: { text, mail in
            let unified = text.replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(of: "\r", with: "\n")
            let ended = unified.hasSuffix("\n") ? unified : unified + "\n"
            #expect(mail.text?.replacingOccurrences(of: "\r\n", with: "\n") == ended)
            #expect(mail.type == "multipart/alternative")
            #expect(mail.html?.hasPrefix("<p>") == true)
            #expect(mail.defects == [])
            #expect(mail.longest_line <= 78 && mail.is_7_bit && mail.bare_line_ends == 0)
        }
    }

    @Test func `the encoding is the shorter one`() async throws {
        try await SMTPSink.with { sink in
            try await sink.transport().send(try letter(to: "one", text: "Grüße", html: "日本語の本文"))
            let mail = try #require(try await sink.mail(to: "one@example.com"))
            #expect(mail.encodings == ["quoted-printable", "base64"])
        }
    }

    static let names = [
        "Errand", "Errand, Inc.", "Ann \"The\\Pen\" O'Neil", "Jürgen Müller", "日本",
        String(repeating: "long ", count: 40),
        "a@b.c <x@y.z>", "(comment)", "=?x",
    ]

    @Test func `a name arrives as it was, beside its address`() async throws {
        try await check(Self.names) { name, local in
            var message = try letter(to: local)
            message.to = try #require(Mailbox(name: name, address: "\(local)@example.com"))
            message.from = try #require(Mailbox(name: name, address: "errand@example.org"))
            return message
        } _: { name, mail in
            // Python keeps the blanks between the encoded words of a name, which RFC 2047 section 6.2 drops.
            func solid(_ text: String) -> String { text.replacingOccurrences(of: " ", with: "") }
            #expect(solid(mail.to_name) == solid(name) && solid(mail.from_name) == solid(name))
            if name.count < 60 { #expect(mail.to_name == name) }
            #expect(mail.to_address == mail.to && mail.from_address == "errand@example.org")
            #expect(mail.defects == [] && mail.longest_line <= 78)
        }
    }

    @Test func `date, id and origin are there`() async throws {
        try await SMTPSink.with { sink in
            var message = try letter(to: "head", id: "0198c0de-1234 <>\r\n@evil")
            message.date = Date(timeIntervalSince1970: 1_709_210_096)  // a February 29
            try await sink.transport().send(message)
            let mail = try #require(try await sink.mail(to: "head@example.com"))
            #expect(mail.date == 1_709_210_096)
            #expect(mail.headers["date"] == ["Thu, 29 Feb 2024 12:34:56 +0000"])
            #expect(mail.headers["message-id"] == ["<0198c0de-1234------evil@example.org>"])
            #expect(mail.headers["auto-submitted"] == ["auto-generated"])
            #expect(mail.headers["mime-version"] == ["1.0"])
        }
    }
}
