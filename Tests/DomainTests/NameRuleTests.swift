import Domain
import Testing

@Suite struct NameRuleTests {
    @Test(arguments: [
        ("Ada", "Ada"), ("  Ada Lovelace\n", "Ada Lovelace"), ("Ada\u{A0}Lovelace", "Ada\u{A0}Lovelace"),
        ("\u{3000}山田 太郎\u{3000}", "山田 太郎"), ("O’Brien & Söhne (GmbH)", "O’Brien & Söhne (GmbH)"), ("7", "7"),
        ("🦊", "🦊"),
        ("e\u{301}", "e\u{301}"), ("علی\u{200C}رضا", "علی\u{200C}رضا"),
        ("ක\u{DCA}\u{200D}ෂ", "ක\u{DCA}\u{200D}ෂ"), ("ರ\u{200D}\u{CCD}ಕ", "ರ\u{200D}\u{CCD}ಕ"),
        ("👩\u{200D}💻", "👩\u{200D}💻"), ("❤\u{FE0F}\u{200D}🔥", "❤\u{FE0F}\u{200D}🔥"),
        ("1\u{FE0F}\u{20E3}", "1\u{FE0F}\u{20E3}"), ("葛\u{E0100}城", "葛\u{E0100}城"),
    ])
    func `a name that can be read is kept, without white space around it`(text: String, kept: String) {
        for rule in [NameRule.person, .company, .key] { #expect(rule.name(text) == kept) }
    }

    @Test(arguments: [
        "\u{200B}", "\u{200B}\u{200B} \u{FEFF}", "A\u{200B}da", "Ada\u{200B}", "\u{FEFF}Ada", "A\u{AD}da",
        "A\u{2060}da",
        "\u{202E}adA", "Ada\u{202C}", "\u{2066}Ada\u{2069}", "Ada\u{200E}", "\u{61C}Ada", "A\u{0}da", "A\u{7}da",
        "A\nda",
        "A\tda", "A\u{85}da", "A\u{2028}da", "A\u{2029}da", "A\u{E000}da", "\u{F8FF}", "A\u{10FFFD}da", "A\u{378}da",
        "A\u{FFFF}da", "A\u{E0041}da", "\u{3164}", "A\u{3164}da", "\u{115F}\u{1160}", "A\u{34F}da", "\u{2800}",
        "\u{FFFC}", "\u{1D159}",
        "\u{301}", "\u{200D}", "\u{200C}Ada", "Ada\u{200D}", "A\u{200D}\u{200D}da", "A \u{200C}da", "A\u{200C} da",
        "A\u{FE0F}\u{FE0F}da", "\u{FE0F}Ada", "A \u{FE0F}da", "\u{180B}",
    ])
    func `a name with something that cannot be seen, or nothing else, is refused`(text: String) {
        for rule in [NameRule.person, .company, .key] { #expect(rule.name(text) == nil) }
    }

    @Test func `a person may have no name, a company and a key have one`() {
        for text in ["", "  ", "\n"] {
            #expect(NameRule.person.name(text) == "")
            #expect(NameRule.company.name(text) == nil)
            #expect(NameRule.key.name(text) == nil)
        }
    }

    @Test func `a name is as long as the database counts it`() {
        for rule in [NameRule.person, .company, .key] {
            let longest = String(repeating: "e\u{301}", count: rule.maxCharacters / 2)
            #expect(rule.name(longest) == longest)
            #expect(rule.name(" \(longest) ") == longest)
            #expect(rule.name(longest + "!") == nil)
            #expect(rule.sentence.contains("\(rule.maxCharacters) characters"))
        }
    }
}
