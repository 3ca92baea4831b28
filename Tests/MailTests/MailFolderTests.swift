import Foundation
import Mail
import TestSupport
import Testing

@Suite struct MailFolderTests {
    private func withFolder(capacity: Int = 1000, _ body: (MailFolder) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "mail-\(UUID().uuidString)/a").path()
        try await body(MailFolder(path: path, capacity: capacity))
        try? FileManager.default.removeItem(atPath: path)
    }

    @Test func `a mail is kept, listed and read back`() async throws {
        try await withFolder { folder in
            #expect(try await folder.list(limit: 10).isEmpty)
            let text = "Grüße\n\n.dot\nhttps://example.org/#verify=evt_a=b\n日本語\n"
            var message = try letter(to: "ann", subject: "Größe 日本語 🧑‍🚀", text: text, html: "<p>x</p>")
            message.to = try #require(Mailbox(name: "Ännchen, die Erste", address: "ann@example.com"))
            try await folder.write(message)
            let entry = try #require(try await folder.list(limit: 10).first)
            #expect(entry.mail.subject == message.subject && entry.mail.text == text)
            #expect(
                entry.mail.to == "Ännchen, die Erste <ann@example.com>" && entry.mail.messageID == message.messageID)
            #expect(try await folder.read(entry.name) == entry.mail)
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(entry.name)")
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [entry.name])
        }
    }

    @Test func `the newest are kept and come first, and a repeat takes its own place`() async throws {
        try await withFolder(capacity: 3) { folder in
            for number in 1...5 { try await folder.write(try letter(to: "n\(number)", id: "id-\(number)")) }
            try await folder.write(try letter(to: "again", id: "id-3"))
            let names = try await folder.list(limit: 10).map(\.name)
            #expect(names == ["id-3.eml", "id-5.eml", "id-4.eml"])
            #expect(try await folder.list(limit: 1).map(\.mail.to) == ["again@example.com"])
        }
    }

    @Test(arguments: [
        "../secret.eml", "..", "/etc/passwd", ".hidden.eml", "a/b.eml", "link.eml", "pipe.eml", "none.eml",
    ])
    func `no name leads out of the folder`(_ name: String) async throws {
        try await withFolder { folder in
            try await folder.write(try letter(to: "ann"))
            let outside = URL(filePath: folder.path).deletingLastPathComponent().appending(path: "secret.eml").path()
            try Data("Subject: secret\r\n\r\n".utf8).write(to: URL(filePath: outside))
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/link.eml", withDestinationPath: outside)
            #expect(mkfifo(folder.path + "/pipe.eml", 0o600) == 0)
            #expect(try await folder.read(name) == nil)
            #expect(try await folder.list(limit: 10).count == 1)
        }
    }

    @Test func `whatever lies there, reading it does no harm`() async throws {
        try await withFolder { folder in
            try await folder.write(try letter(to: "ann"))
            let files = [
                "", "\r\n", "no header at all", ":\r\n:\r\n",
                "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n--x--",
                "Content-Type: multipart/mixed; boundary=\r\n\r\n--",
                "Subject: =?utf-8?B?***?= =?utf-8?Q?=F?=\r\n\r\nx",
                "Content-Transfer-Encoding: quoted-printable\r\n\r\n=\r\n=4\r\n=",
                "Content-Transfer-Encoding: base64\r\n\r\n=",
                String(repeating: "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n", count: 100),
            ]
            for (number, text) in files.enumerated() {
                try Data(text.utf8).write(to: URL(filePath: "\(folder.path)/odd-\(number).eml"))
            }
            #expect(try await folder.list(limit: 100).count == files.count + 1)
        }
    }
}
