// FoundationEssentials knows GMT only, on Linux: the zones come with Foundation's ICU.
import Foundation

extension ZoneOffsets {
    /// The zone of an IANA name, such as `Europe/Berlin`; or `UTC`. The rules are those of the ICU that Foundation
    /// carries, not the machine's tzdata: they are the same on every machine, and renewed with the Swift toolchain.
    /// - Throws: `InvalidCron` for `time_zone`: Foundation has no such zone.
    package static func named(_ name: String) throws(InvalidCron) -> ZoneOffsets {
        if ["UTC", "Etc/UTC", "GMT"].contains(name) {
            return ZoneOffsets(name: name, secondsFromGMT: utc.secondsFromGMT)
        }
        // Abbreviations mean several zones (IST), or none that keeps summer time (EST).
        guard name.utf8.count <= 64, name.contains("/"), let zone = TimeZone(identifier: name) else {
            throw InvalidCron(
                field: "time_zone",
                message: "Write a zone this installation knows by its IANA name, such as Europe/Berlin, or UTC.")
        }
        return ZoneOffsets(name: name) { instant in
            zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))
        }
    }
}
