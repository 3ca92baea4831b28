/// What an account may do with a calendar, least first.
enum AccessRole: String, CaseIterable, Sendable, Comparable {
    case freeBusyReader, reader, writer, owner

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    static func < (one: AccessRole, other: AccessRole) -> Bool { one.rank < other.rank }

    var canRead: Bool { self >= .reader }
    var canWrite: Bool { self >= .writer }
}
