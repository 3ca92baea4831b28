import Testing
import Vault

@testable import APIGateway

@Suite struct CallbackQueryTests {
    private static let state = RandomSecret.make().text

    private static func error(_ query: String) throws -> String? {
        let query = try #require(CallbackQuery("state=\(state)&\(query)"))
        switch query.code {
        case .success: return nil
        case .failure(let error): return error.rawValue
        }
    }

    @Test func `a code and its issuer are read`() throws {
        let query = try #require(
            CallbackQuery("code=4%2F0Ab%2Bc&state=\(Self.state)&iss=https%3A%2F%2Faccounts.google.com&scope=a+b"))
        #expect(try query.code.get() == "4/0Ab+c")
        #expect(query.issuer == "https://accounts.google.com")
        #expect(query.state.text == Self.state)
    }

    @Test(arguments: ["", "code=x", "state=", "state=short", "state=\(RandomSecret.make().text)x"])
    func `without a state that can be ours there is nothing`(_ text: String) {
        #expect(CallbackQuery(text) == nil)
    }

    @Test(arguments: ["code=a&code=b", "state=\(RandomSecret.make().text)", "iss=a&iss=b", "error=a&%65rror=b"])
    func `a parameter that comes twice is refused`(_ more: String) {
        #expect(CallbackQuery("state=\(Self.state)&\(more)") == nil)
    }

    @Test func `only known errors pass`() throws {
        for known in ["access_denied", "invalid_scope", "server_error", "consent_required", "admin_policy_enforced"] {
            #expect(try Self.error("error=\(known)&error_description=secret") == known)
        }
        for unknown in ["%3Cscript%3E", "something_else", "", "access_denied%0d%0aX:1", "ACCESS_DENIED"] {
            #expect(try Self.error("error=\(unknown)") == "provider_error")
        }
    }

    @Test func `an error goes before a code, and nothing is unreadable`() throws {
        #expect(try Self.error("code=x&error=access_denied") == "access_denied")
        #expect(try Self.error("") == "provider_answer_unreadable")
        #expect(try Self.error("code=") == "provider_answer_unreadable")
        let longest = String(repeating: "x", count: CallbackQuery.maxCodeBytes)
        #expect(try Self.error("code=\(longest)") == nil)
        #expect(try Self.error("code=\(longest)x") == "provider_answer_unreadable")
    }
}
