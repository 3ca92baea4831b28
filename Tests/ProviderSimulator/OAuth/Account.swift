import Foundation

/// One simulated person, with an account at every simulated provider. The providers' identifiers follow from the
/// number, so that the same person is the same in every run.
struct Account: Sendable {
    /// How control calls and `?account=` name it.
    let name: String
    /// The person's name.
    let title: String
    let email: String
    /// Counts from 1 in the order of creation.
    let number: Int

    /// A Google account's `sub`: 21 digits.
    var googleSubject: String { "1" + Self.padded(100_000_000_007 * number, to: 20) }
    /// `oid`: the account within its tenant.
    var microsoftObjectID: String { Self.uuid(0x0E, number) }
    /// `tid`: all accounts belong to one organisation.
    static let microsoftTenantID = uuid(0x7D, 1)
    var notionUserID: String { Self.uuid(0xA1, number) }
    /// Every account has a workspace of its own.
    var notionWorkspaceID: String { Self.uuid(0xA2, number) }
    /// Identifies one installation of the client in one workspace.
    var notionBotID: String { Self.uuid(0xA3, number) }
    var notionWorkspaceName: String { "\(title.split(separator: " ").first ?? "Someone")’s workspace" }
    var canvasUserID: Int { 1_000 + number }

    /// Whether `login_hint` means this account: by its address or, at Google, by its `sub`.
    func answers(to hint: String?) -> Bool { hint == email || hint == googleSubject || hint == name }

    var json: JSONValue {
        .members([
            "name": .string(name), "title": .string(title), "email": .string(email),
            "google": .members(["sub": .string(googleSubject)]),
            "microsoft": .members(["oid": .string(microsoftObjectID), "tid": .string(Self.microsoftTenantID)]),
            "notion": .members(["bot_id": .string(notionBotID), "workspace_id": .string(notionWorkspaceID)]),
            "canvas": .members(["user_id": .integer(canvasUserID)]),
        ])
    }

    private static func uuid(_ family: Int, _ number: Int) -> String {
        "\(hex(family, digits: 8))-51ed-4000-8000-\(hex(number, digits: 12))"
    }

    private static func hex(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    private static func padded(_ number: Int, to digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
