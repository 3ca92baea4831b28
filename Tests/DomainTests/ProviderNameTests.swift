import Domain
import Foundation
import Testing

@Suite struct ProviderNameTests {
    @Test(arguments: ["a", "google", "ms_365", "a23456789012345678901234567890_2"])
    func `a name is lower-case letters, digits and underscores`(text: String) throws {
        let name = try #require(ProviderName(rawValue: text))
        #expect("\(name)" == text)
        #expect(try JSONDecoder().decode([ProviderName].self, from: JSONEncoder().encode([name])) == [name])
    }

    @Test(arguments: ["", "1a", "_a", "Google", "a-b", "a b", "ä", "a234567890123456789012345678901_3"])
    func `anything else is none, in JSON too`(text: String) throws {
        #expect(ProviderName(rawValue: text) == nil)
        let json = try JSONEncoder().encode([text])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([ProviderName].self, from: json) }
    }

    @Test func `a name in the source is itself, and traps when it is none`() async {
        #expect(ProviderName("google").rawValue == "google")
        await #expect(processExitsWith: .failure) { _ = ProviderName("Google!") }
    }
}
