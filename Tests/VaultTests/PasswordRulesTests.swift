import Testing

@testable import Vault

@Suite struct PasswordRulesTests {
    private func refusal(
        _ password: String, email: String = "ada.lovelace@engines.example", name: String = "Ada Lovelace"
    )
        -> PasswordRefusal?
    {
        PasswordRules().plainRefusal(of: password, email: email, name: name)
    }

    @Test(arguments: [
        "correct horse battery", "vK7#pQ2m", "tr0ub4dor&3", "ein Satz mit Errand darin", "Übergrößenträger",
        "密码安全非常重要的句子",
        "banana bread with cream", "password of my grandmother", "lovelace was a mathematician", "9f8e7d6c5b",
        "🐎🔋📎🧷🧵🪡🪢🧶",
        "my 1234 sheep sleep", "aaaa bbbb cdef ghxq", "x7!x7!x7!qz", String(repeating: "Wort ", count: 200) + "Ende",
    ])
    func `a good password is taken`(_ password: String) { #expect(refusal(password) == nil) }

    @Test(arguments: [
        ("", PasswordRefusal.tooShort(minCharacters: 8)), ("vK7#pQ2", .tooShort(minCharacters: 8)),
        ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", .tooShort(minCharacters: 8)), (String(repeating: "x7!Q", count: 257), .tooLong),
        ("aaaaaaaa", .fewCharacters), ("aabbccdd", .fewCharacters), ("AaBbAaBb", .fewCharacters),
        ("12121212", .fewCharacters),
        ("abcdefgh", .pattern), ("hgfedcba", .pattern), ("12345678", .pattern), ("987654321", .pattern),
        ("1234567890", .pattern),
        ("qwertyuiop", .pattern), ("asdfghjkl", .pattern), ("poiuytrewq", .pattern), ("abcd1234", .pattern),
        ("QWERTY123", .pattern),
        ("abcdeabcde", .pattern), ("x7!Qpx7!Qp", .pattern), ("qwertasdfg", .pattern), ("12345678a", .pattern),
        ("ada.lovelace", .personal), ("Ada.Lovelace1815", .personal), ("lovelace1234!", .personal),
        ("engines2024", .personal),
        ("Lovelace-ada", .personal), ("errand2024!", .personal), ("Errand12345678", .personal),
        ("123-ERRAND", .personal),
        ("password", .common), ("Password1!", .common), ("P@ssw0rd2024", .common), ("iloveyou99", .common),
        ("Sunshine!23", .common),
        ("12345password", .common), ("letmein2023", .common), ("passwordpassword1", .common),
    ])
    func `a weak password is refused with its reason`(_ password: String, _ reason: PasswordRefusal) {
        #expect(refusal(password) == reason)
    }

    @Test func `the shortest length is a setting, and each reason has a word and a sentence`() {
        #expect(
            PasswordRules(minCharacters: 15).plainRefusal(of: "vK7#pQ2mLw9&", email: "a@b.example", name: "")
                == .tooShort(minCharacters: 15))
        let all: [PasswordRefusal] = [
            .tooShort(minCharacters: 15), .tooLong, .personal, .common, .pattern, .fewCharacters, .breached,
        ]
        #expect(Set(all.map(\.reason)).count == all.count && Set(all.map(\.sentence)).count == all.count)
        #expect(all[0].sentence.contains("15"))
    }

    @Test func `short words of an address or name do not count`() {
        #expect(refusal("bo knows nothing", email: "bo@x.example", name: "Bo Li") == nil)
        #expect(refusal("vK7#pQ2m", email: "vk7@x.example", name: "") == nil)
        #expect(refusal("vK7#pQ2m", email: "", name: "") == nil)
    }

    @Test func `a breached password is refused last`() async throws {
        let folder = try TemporaryFolder()
        let path = try HashFile.write(folder, ["tr0ub4dor&3", "12345678"], others: 500)
        let rules = PasswordRules(breached: try await BreachedPasswords(path: path))
        #expect(try await rules.refusal(of: "tr0ub4dor&3", email: "a@b.example") == .breached)
        #expect(try await rules.refusal(of: "12345678", email: "a@b.example") == .pattern)
        #expect(try await rules.refusal(of: "tr0ub4dor&4", email: "a@b.example") == nil)
    }
}
