extension ZoneOffsets {
    /// The zone of a schedule, by its IANA name.
    /// - Throws: `InvalidCron` for `time_zone`: this installation has no such zone.
    package static func named(_ name: String) throws(InvalidCron) -> ZoneOffsets {
        guard let zone = ZoneOffsets(iana: name) else {
            throw InvalidCron(
                field: "time_zone",
                message: "Write a zone this installation knows by its IANA name, such as Europe/Berlin, or UTC.")
        }
        return zone
    }
}
