import Glibc

/// A moment on the monotonic clock, in nanoseconds. Comparable with the clock that `poll` and condition variables use.
struct Deadline: Sendable, Comparable {
    let nanoseconds: UInt64

    static let never = Deadline(nanoseconds: .max)

    static func now() -> Deadline {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Deadline(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }

    /// A negative duration counts as zero; one too long for the clock is `never`.
    func advanced(by duration: Duration) -> Deadline {
        let nanoseconds = duration.nanoseconds
        let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        return overflow ? .never : Deadline(nanoseconds: sum)
    }

    /// What `poll` takes: milliseconds rounded up, 0 when passed, -1 for `never`.
    var pollMilliseconds: Int32 {
        if self == .never { return -1 }
        let now = Deadline.now().nanoseconds
        guard nanoseconds > now else { return 0 }
        return Int32(clamping: (nanoseconds - now + 999_999) / 1_000_000)
    }

    var time: timespec {
        timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    }
}

extension Duration {
    /// Clamped to 0 … 292 years.
    var nanoseconds: UInt64 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        guard seconds < 9_000_000_000 else { return UInt64(Int64.max) }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }

    var milliseconds: Int { Int(nanoseconds / 1_000_000) }
}
