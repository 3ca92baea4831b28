import Domain
import Testing

@Suite struct PermissionsTests {
    @Test func `tokens in plain text are for keys, and only of who may do everything`() {
        for role in Role.allCases { #expect(!role.permissions.contains(.discloseTokens)) }
        #expect(Role.admin.permissions.ofKeys.contains(.discloseTokens))
        #expect(Role.owner.permissions.ofKeys == Permissions.all.union(.discloseTokens))
        for role in [Role.member, .viewer] { #expect(role.permissions.ofKeys == role.permissions) }
        #expect(!Permissions.all.contains(.discloseTokens) && !Permissions.all.contains(.operate))
    }

    @Test func `viewers see connections, members make and end them`() {
        #expect(Role.viewer.permissions.contains(.readConnections))
        #expect(!Role.viewer.permissions.contains(.writeConnections))
        #expect(Role.member.permissions.contains(.writeConnections))
    }

    @Test func `every scope is a permission of its own, and reads itself`() {
        let all = Permissions.scopes.reduce(into: Permissions()) { $0.formUnion($1.permission) }
        #expect(all.rawValue.nonzeroBitCount == Permissions.scopes.count)
        #expect(all.scopeNames == Permissions.scopes.map(\.name))
        for (name, permission) in Permissions.scopes { #expect(Permissions(scope: name) == permission) }
    }
}
