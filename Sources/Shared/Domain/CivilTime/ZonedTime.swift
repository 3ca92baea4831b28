package import FoundationEssentials

/// A time on a clock that hangs in a zone: what stays the same for a meeting at nine, whatever summer time does.
package struct ZonedTime: Sendable, Equatable {
    package let local: LocalTime
    package let zone: ZoneOffsets

    package init(_ local: LocalTime, in zone: ZoneOffsets) {
        self.local = local
        self.zone = zone
    }

    /// What the zone's clock shows at an instant.
    package init(at instant: Date, in zone: ZoneOffsets) {
        self.init(LocalTime(at: instant, in: zone), in: zone)
    }
}
