import Domain
import Testing

@Suite struct EmailAddressTests {
    @Test(arguments: [
        ("ada@example.com", "ada@example.com"), (" Ada.Lovelace+x@Example.CO.uk\n", "ada.lovelace+x@example.co.uk"),
        ("o'brien@example.com", "o'brien@example.com"), ("a@b.co", "a@b.co"),
    ])
    func `an address is kept trimmed and in lower case`(raw: String, kept: String) {
        #expect(EmailAddress(raw)?.text == kept)
    }

    @Test(arguments: [
        "", "@", "ada", "ada@", "@example.com", "ada@example", "ada@@example.com", "ada@exa mple.com",
        "a da@example.com",
        "ada@-example.com", "ada@example-.com", "ada@example..com", "ada@.com", "ada@example.com\r\nBcc: x@y.z",
        "ада@example.com", "\u{212A}elvin@example.com", "ada@exämple.com", "ada\u{0}@example.com",
        "\"ada\"@example.com", "ada@[127.0.0.1]",
        String(repeating: "a", count: 65) + "@example.com",
        "a@" + String(repeating: "b.", count: 126) + "com",
    ])
    func `what is no address is refused`(raw: String) {
        #expect(EmailAddress(raw) == nil)
    }
}

@Suite struct PermissionTests {
    @Test func `scopes and permissions name each other`() {
        for (name, permission) in Permissions.scopes {
            #expect(Permissions(scope: name) == permission)
            #expect(permission.scopeNames == [name])
        }
        #expect(Permissions(scope: "jobs:all") == nil)
        #expect(Permissions(scopes: ["jobs:read", "no such", "operate"]) == [.readJobs, .operate])
    }

    @Test func `each role may what the one below it may, and nobody operates`() {
        let roles = Role.allCases.sorted()
        #expect(roles == [.viewer, .member, .admin, .owner])
        for (lower, higher) in zip(roles, roles.dropFirst()) {
            #expect(lower.permissions.isSubset(of: higher.permissions))
        }
        #expect(roles.allSatisfy { !$0.permissions.contains(.operate) })
        #expect(!Role.viewer.permissions.contains(.writeTasks))
        #expect(!Role.member.permissions.contains(.writeKeys))
    }
}
