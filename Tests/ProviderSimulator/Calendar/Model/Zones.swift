import Domain
import Foundation
import Synchronization

/// Time zones by their IANA names, each read once.
enum Zones {
    private static let known = Mutex<[String: ZoneOffsets]>([:])

    /// nil: there is none of that name.
    static func named(_ name: String) -> ZoneOffsets? {
        if let zone = known.withLock({ $0[name] }) { return zone }
        guard let zone = ZoneOffsets(iana: name) else { return nil }
        known.withLock { $0[name] = zone }
        return zone
    }

    /// UTC for a name that means nothing.
    static func offsets(_ name: String) -> ZoneOffsets { named(name) ?? .utc }
}
