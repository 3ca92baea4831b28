/// The dates of RDATE and EXDATE lines (RFC 5545 sections 3.8.5.1 and 3.8.5.2).
extension RecurrenceLine {
    /// Local times with a TZID are instants; those without are local still.
    func dates() throws(InvalidRecurrence) -> [RecurrenceMoment] {
        var zone: ZoneOffsets?
        var kind: String?
        for parameter in parameters {
            switch parameter.name {
            case "TZID": zone = try self.zone(parameter.value)
            case "VALUE": kind = try self.kind(parameter.value.uppercased())
            default: throw invalid("There is no such parameter.", part: InvalidRecurrence.name(parameter.name))
            }
        }
        var dates: [RecurrenceMoment] = []
        for item in value.split(separator: ",", omittingEmptySubsequences: false) {
            dates.append(try date(item, kind: kind, zone: zone))
        }
        return dates
    }

    private func date(
        _ text: Substring, kind: String?, zone: ZoneOffsets?
    ) throws(InvalidRecurrence) -> RecurrenceMoment {
        guard let moment = RecurrenceMoment(text) else {
            throw invalid(
                "Write days or times that exist, with commas between them: 20260131, 20260131T080000 or "
                    + "20260131T080000Z. Periods are not supported.")
        }
        switch moment {
        case .day where kind == "DATE-TIME": throw invalid("A time is missing.", part: "VALUE")
        case .local where kind == "DATE", .instant where kind == "DATE":
            throw invalid("Write days without a time.", part: "VALUE")
        case .local(let local): return zone.map { .instant(local.instant(in: $0)) } ?? moment
        default: return moment
        }
    }

    private func zone(_ name: String) throws(InvalidRecurrence) -> ZoneOffsets {
        guard let zone = ZoneOffsets(iana: name) else {
            throw invalid("Write a zone this installation knows by its IANA name.", part: "TZID")
        }
        return zone
    }

    private func kind(_ name: String) throws(InvalidRecurrence) -> String {
        guard ["DATE", "DATE-TIME"].contains(name) else {
            throw invalid("Write DATE or DATE-TIME. Periods are not supported.", part: "VALUE")
        }
        return name
    }
}
