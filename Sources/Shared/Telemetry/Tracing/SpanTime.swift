package import FoundationEssentials
internal import Glibc

/// A moment as spans carry it: nanoseconds since 1970, by the wall clock.
package struct SpanTime: Sendable, Hashable, Comparable {
    package let unixNanoseconds: UInt64

    package init(unixNanoseconds: UInt64) { self.unixNanoseconds = unixNanoseconds }

    /// A moment that a row of the store holds. What is before 1970 is 1970.
    package init(_ date: Date) {
        unixNanoseconds = UInt64(clamping: Int64(max(0, date.timeIntervalSince1970) * 1e6)) * 1_000
    }

    package static func now() -> SpanTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return SpanTime(unixNanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    package static func < (left: Self, right: Self) -> Bool { left.unixNanoseconds < right.unixNanoseconds }
}
