import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// The value of `Date`, RFC 9110 section 6.6.1, written once a second at most.
final class DateField: Sendable {
    private let written = Mutex<(second: time_t, text: String)>((-1, ""))
    private let now: @Sendable () -> time_t

    /// - Parameter now: the clock, in seconds since 1970.
    init(now: @escaping @Sendable () -> time_t = { time(nil) }) { self.now = now }

    var text: String {
        let second = now()
        return written.withLock { written in
            if written.second != second { written = (second, Self.text(second)) }
            return written.text
        }
    }

    /// Such as `Sun, 06 Nov 1994 08:49:37 GMT`: RFC 9110 section 5.6.7. The names are English because nothing here sets
    /// a locale.
    private static func text(_ second: time_t) -> String {
        var (second, parts) = (second, tm())
        gmtime_r(&second, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            let length = strftime(buffer.baseAddress, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            return String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }
}
