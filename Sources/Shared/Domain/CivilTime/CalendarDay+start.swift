package import FoundationEssentials

extension CalendarDay {
    /// When the day begins in a zone: at its midnight, or, where clocks skip that, when they are set. From the year
    /// 4000 on, the end of time.
    package func start(in zone: ZoneOffsets) -> Date { LocalTime(seconds: number * 86_400).instant(in: zone) }
}
