// FoundationEssentials knows GMT only, on Linux: the zones come with Foundation's ICU.
import Foundation

extension ZoneOffsets {
    /// The zone of an IANA name, such as `Europe/Berlin`; or `UTC`. The rules are those of the ICU that Foundation
    /// carries, not the machine's tzdata: they are the same on every machine, and renewed with the Swift toolchain.
    /// `nil`: Foundation has no such zone. Abbreviations are none: they mean several zones (IST), or one that keeps no
    /// summer time (EST).
    package init?(iana name: String) {
        if ["UTC", "Etc/UTC", "GMT"].contains(name) {
            self.init(name: name, secondsFromGMT: Self.utc.secondsFromGMT)
            return
        }
        guard name.utf8.count <= 64, name.contains("/"), let zone = TimeZone(identifier: name) else { return nil }
        self.init(name: name) { instant in zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))) }
    }
}
