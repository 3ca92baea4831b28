/// What somebody may do in a company.
package enum Role: String, Sendable, CaseIterable, Comparable {
    case viewer, member, admin, owner

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .member: 1
        case .admin: 2
        case .owner: 3
        }
    }

    package var permissions: Permissions {
        switch self {
        case .viewer: .reading
        case .member: .working
        case .admin, .owner: .all
        }
    }
}
