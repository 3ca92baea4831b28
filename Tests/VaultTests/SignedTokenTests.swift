import FoundationEssentials
import Testing

@testable import Vault

/// Refresh tokens, cookies, CSRF tokens and those of mails: one text for one value, and nothing else is read.
@Suite struct SignedTokenTests {
    private static let session = UUID(uuidString: "018F3C1E-7C1A-7B2E-9D3C-5A6B7C8D9E0F") ?? UUID()
    private static let other = UUID(uuidString: "018F3C1E-7C1A-7B2E-9D3C-000000000000") ?? UUID()
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    /// A text, and whether a text is taken.
    private struct Kind: CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let isTaken: (String) -> Bool
    }

    private static func secrets(_ letter: Character = "s") throws -> AuthSecrets {
        try AuthSecrets(String(repeating: letter, count: 32))
    }

    private static func kinds() throws -> [Kind] {
        let secrets = try secrets()
        let (refresh, cookie, csrf) = (RefreshTokens(secrets), SessionTokens(secrets), CSRFTokens(secrets))
        let mailed = MailedTokens(secrets)
        let key = APIKeyText.make()
        return [
            Kind(testDescription: "refresh", text: refresh.text(user: other, session: session, generation: 7)) {
                refresh.read($0) != nil
            },
            Kind(testDescription: "session", text: cookie.text(user: other, session: session)) {
                cookie.read($0) != nil
            },
            Kind(testDescription: "csrf", text: csrf.text(session: session)) { csrf.isValid($0, session: session) },
            Kind(testDescription: "verify", text: mailed.verification(user: session, email: "a@b.example", now: now)) {
                mailed.readVerification($0, now: now) != nil
            },
            Kind(testDescription: "reset", text: mailed.reset(user: session, passwordHash: nil, now: now)) {
                mailed.readReset($0, now: now) != nil
            },
            Kind(testDescription: "invitation", text: mailed.invitation(session, company: other, now: now)) {
                mailed.readInvitation($0, now: now) != nil
            },
            Kind(testDescription: "API key", text: key.text) { APIKeyText($0) != nil },
        ]
    }

    @Test func `every flipped bit of each kind refuses it`() throws {
        for kind in try Self.kinds() {
            #expect(kind.isTaken(kind.text))
            let bytes = Array(kind.text.utf8)
            for index in bytes.indices {
                for bit in 0..<8 {
                    var flipped = bytes
                    flipped[index] ^= 1 << UInt8(bit)
                    let text = String(decoding: flipped, as: UTF8.self)
                    #expect(!kind.isTaken(text), "\(kind.testDescription): byte \(index), bit \(bit)")
                }
            }
        }
    }

    @Test func `each kind has one text and no other writing of it is taken`() throws {
        for kind in try Self.kinds() {
            let text = kind.text
            let body = text.drop { $0 != "_" }.dropFirst()
            let writings = [
                "", " " + text, text + " ", text + "\n", text + "=", text + "==", text + "\0", "\0" + text, text + "A",
                String(text.dropLast()), String(text.dropFirst()), text.uppercased(), text.lowercased(),
                text.replacing("_", with: "/"), text + text, String(body), String(text.prefix(4)), "\"\(text)\"",
                String(repeating: "A", count: text.utf8.count), text.replacing("e", with: "е"),
            ]
            for writing in writings where writing != text {
                #expect(!kind.isTaken(writing), "\(kind.testDescription): \(writing)")
            }
        }
    }

    @Test func `the bits that are left over must be zero`() throws {
        // 65 bytes leave 2 bits over in the last character.
        let kind = try #require(try Self.kinds().first { $0.testDescription == "session" })
        let last = try #require(kind.text.last.flatMap { Base64URLAlphabet.characters.firstIndex(of: $0) })
        #expect(last % 4 == 0)
        for offset in 1..<4 {
            let text = kind.text.dropLast() + String(Base64URLAlphabet.characters[last + offset])
            #expect(!kind.isTaken(String(text)))
        }
    }

    @Test func `a token of one kind is none of another, even under its prefix`() throws {
        let kinds = try Self.kinds().filter { !["csrf", "API key"].contains($0.testDescription) }
        for kind in kinds {
            for other in kinds where other.testDescription != kind.testDescription {
                #expect(!other.isTaken(kind.text))
                #expect(!other.isTaken(String(other.text.prefix(4)) + kind.text.dropFirst(4)))
            }
        }
    }

    @Test func `another secret refuses everything`() throws {
        let (own, others) = (try Self.secrets("s"), try Self.secrets("t"))
        let refresh = RefreshTokens(own).text(user: Self.other, session: Self.session, generation: 0)
        #expect(RefreshTokens(others).read(refresh) == nil)
        let cookie = SessionTokens(own).text(user: Self.other, session: Self.session)
        #expect(SessionTokens(others).read(cookie) == nil)
        #expect(!CSRFTokens(others).isValid(CSRFTokens(own).text(session: Self.session), session: Self.session))
        let reset = MailedTokens(own).reset(user: Self.session, passwordHash: nil, now: Self.now)
        #expect(MailedTokens(others).readReset(reset, now: Self.now) == nil)
    }

    @Test func `a CSRF token is good for its own session alone, and never twice the same`() throws {
        let tokens = CSRFTokens(try Self.secrets())
        let text = tokens.text(session: Self.session)
        #expect(tokens.isValid(text, session: Self.session) && !tokens.isValid(text, session: Self.other))
        #expect(tokens.text(session: Self.session) != text && text.utf8.count == 64)
        #expect(tokens.areSame(text, text) && !tokens.areSame(text, text.dropLast()) && !tokens.areSame("", text))
    }

    @Test func `a mailed token ends with its time and with what it changes`() throws {
        let tokens = MailedTokens(try Self.secrets())
        let text = tokens.reset(user: Self.session, passwordHash: "old", now: Self.now)
        let token = try #require(tokens.readReset(text, now: Self.now + 3599))
        #expect(token.user == Self.session && token.expiresAt == Self.now + 3600)
        #expect(tokens.isOf(token, passwordHash: "old"))
        #expect(!tokens.isOf(token, passwordHash: "new") && !tokens.isOf(token, passwordHash: nil))
        #expect(!tokens.isOf(token, email: "old"))
        #expect(tokens.readReset(text, now: Self.now + 3600) == nil)

        let mail = tokens.verification(user: Self.session, email: "a@b.example", now: Self.now)
        let verification = try #require(tokens.readVerification(mail, now: Self.now + 24 * 3600 - 1))
        #expect(tokens.isOf(verification, email: "a@b.example") && !tokens.isOf(verification, email: "c@b.example"))
        #expect(tokens.readVerification(mail, now: Self.now + 24 * 3600) == nil)

        let invitation = tokens.invitation(Self.other, company: Self.session, now: Self.now)
        let read = try #require(tokens.readInvitation(invitation, now: Self.now + 7 * 24 * 3600 - 1))
        #expect(read.invitation == Self.other && read.company == Self.session)
        #expect(tokens.readInvitation(invitation, now: Self.now + 7 * 24 * 3600) == nil)
    }

    @Test func `a mailed token of an old secret is good while that is named`() throws {
        let old = MailedTokens(try AuthSecrets(String(repeating: "a", count: 32)))
        let both = MailedTokens(
            try AuthSecrets(String(repeating: "b", count: 32) + "," + String(repeating: "a", count: 32)))
        let token = try #require(
            both.readReset(old.reset(user: Self.session, passwordHash: "x", now: Self.now), now: Self.now))
        #expect(both.isOf(token, passwordHash: "x") && !both.isOf(token, passwordHash: "y"))
    }

    @Test(arguments: [
        "", "short", String(repeating: "a", count: 31), String(repeating: "a", count: 32) + ",",
        String(repeating: "a", count: 32) + ",short",
        String(repeating: "a", count: 32) + "," + String(repeating: "a", count: 32),
        (0..<9).map { String(repeating: "\($0)", count: 32) }.joined(separator: ","),
    ])
    func `a secret that is short, doubled or one too many is refused`(_ text: String) {
        #expect(throws: VaultError.self) { try AuthSecrets(text) }
    }

    @Test func `API keys use the whole alphabet and none comes twice`() {
        let keys = (0..<2000).map { _ in APIKeyText.make() }
        #expect(Set(keys.map(\.text)).count == keys.count && Set(keys.map(\.digest)).count == keys.count)
        #expect(Set(keys.flatMap { $0.text.dropFirst(7) }).count == 62)
        for key in keys.prefix(100) {
            let slip = Array(key.text)
            // Two neighbours exchanged, as fingers do.
            for index in 7..<55 where slip[index] != slip[index + 1] {
                var swapped = slip
                swapped.swapAt(index, index + 1)
                #expect(APIKeyText(String(swapped)) == nil)
            }
        }
    }
}
