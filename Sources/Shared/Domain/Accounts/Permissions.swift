/// What a request may do. A person has those of a role, an API key those of its scopes; a scope is a permission's name.
package struct Permissions: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let readJobs = Self(rawValue: 1 << 0)
    /// Jobs, batches and their control.
    package static let writeJobs = Self(rawValue: 1 << 1)
    package static let readChat = Self(rawValue: 1 << 2)
    package static let writeChat = Self(rawValue: 1 << 3)
    package static let readSchedules = Self(rawValue: 1 << 4)
    package static let writeSchedules = Self(rawValue: 1 << 5)
    package static let readTasks = Self(rawValue: 1 << 6)
    package static let writeTasks = Self(rawValue: 1 << 7)
    package static let readCompany = Self(rawValue: 1 << 8)
    /// Name, members, invitations.
    package static let writeCompany = Self(rawValue: 1 << 9)
    package static let readKeys = Self(rawValue: 1 << 10)
    package static let writeKeys = Self(rawValue: 1 << 11)
    package static let readAudit = Self(rawValue: 1 << 12)
    /// Sweeps and queues: operators only.
    package static let operate = Self(rawValue: 1 << 13)
    package static let readConnections = Self(rawValue: 1 << 14)
    /// Connecting accounts, checking and ending connections.
    package static let writeConnections = Self(rawValue: 1 << 15)
    /// Getting a connection's access token in plain text: only keys have it, and only those that were made with it.
    package static let discloseTokens = Self(rawValue: 1 << 16)
    /// Calendars, their events, and what is free.
    package static let readCalendars = Self(rawValue: 1 << 17)
    /// Changing events, and choosing which calendars are mirrored.
    package static let writeCalendars = Self(rawValue: 1 << 18)

    /// What a viewer of a company has.
    package static let reading: Self = [
        .readJobs, .readChat, .readSchedules, .readTasks, .readCompany, .readConnections, .readCalendars,
    ]
    /// What a member has.
    package static let working: Self = [
        .reading, .writeJobs, .writeChat, .writeSchedules, .writeTasks, .writeConnections, .writeCalendars,
    ]
    /// Everything a person does within a workspace.
    package static let all: Self = [.working, .writeCompany, .readKeys, .writeKeys, .readAudit]

    /// What a key may have whose maker has these: with everything else, also what no person has.
    package var ofKeys: Self { isSuperset(of: .all) ? union(.discloseTokens) : self }

    /// Each by the name of its scope.
    package static let scopes: [(name: String, permission: Permissions)] = [
        ("jobs:read", .readJobs), ("jobs:write", .writeJobs), ("chat:read", .readChat), ("chat:write", .writeChat),
        ("schedules:read", .readSchedules), ("schedules:write", .writeSchedules), ("tasks:read", .readTasks),
        ("tasks:write", .writeTasks), ("company:read", .readCompany), ("company:write", .writeCompany),
        ("keys:read", .readKeys), ("keys:write", .writeKeys), ("audit:read", .readAudit), ("operate", .operate),
        ("connections:read", .readConnections), ("connections:write", .writeConnections),
        ("tokens:disclose", .discloseTokens), ("calendars:read", .readCalendars), ("calendars:write", .writeCalendars),
    ]

    /// `nil` for a name that is no scope.
    package init?(scope: some StringProtocol) {
        guard let found = Self.scopes.first(where: { $0.name == scope }) else { return nil }
        self = found.permission
    }

    package init(scopes: some Sequence<String>) {
        self = scopes.reduce(into: []) { all, name in all.formUnion(Permissions(scope: name) ?? []) }
    }

    /// The scopes these amount to, in a fixed order.
    package var scopeNames: [String] { Self.scopes.filter { contains($0.permission) }.map(\.name) }
}
