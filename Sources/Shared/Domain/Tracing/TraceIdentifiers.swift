/// 16 bytes that are not all zero.
package struct TraceID: Sendable, Hashable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    /// `nil` when both are zero.
    package init?(high: UInt64, low: UInt64) {
        guard high != 0 || low != 0 else { return nil }
        (self.high, self.low) = (high, low)
    }

    /// Reads 32 hexadecimal digits in lower case. `nil` for anything else, and for all zeroes.
    package init?(_ text: some StringProtocol) {
        let digits = Array(text.utf8)
        guard digits.count == 32, let high = HexDigits.value(digits[..<16]), let low = HexDigits.value(digits[16...])
        else { return nil }
        self.init(high: high, low: low)
    }

    package static func random(using random: inout some RandomNumberGenerator) -> TraceID {
        while true {
            if let id = TraceID(high: random.next(), low: random.next()) { return id }
        }
    }

    /// 32 hexadecimal digits in lower case.
    package var description: String {
        String(decoding: HexDigits.text(high, count: 16) + HexDigits.text(low, count: 16), as: UTF8.self)
    }
}

/// 8 bytes that are not all zero.
package struct SpanID: Sendable, Hashable, CustomStringConvertible {
    package let value: UInt64

    /// `nil` when it is zero.
    package init?(_ value: UInt64) {
        guard value != 0 else { return nil }
        self.value = value
    }

    package static func random(using random: inout some RandomNumberGenerator) -> SpanID {
        while true {
            if let id = SpanID(random.next() as UInt64) { return id }
        }
    }

    /// 16 hexadecimal digits in lower case.
    package var description: String { String(decoding: HexDigits.text(value, count: 16), as: UTF8.self) }
}

/// The flags of version 00; others are dropped, as the specification wants.
package struct TraceFlags: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let sampled = TraceFlags(rawValue: 1)
    /// The right 7 bytes of the trace id are random.
    package static let random = TraceFlags(rawValue: 2)
}

/// Hexadecimal in lower case only: https://www.w3.org/TR/trace-context-2/#traceparent-header-field-values
enum HexDigits {
    /// `nil` when a byte is no digit. At most 16 digits.
    static func value(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }

    static func text(_ value: UInt64, count: Int) -> [UInt8] {
        (0..<count).map { position in
            let digit = UInt8(truncatingIfNeeded: value >> UInt64((count - 1 - position) * 4)) & 15
            return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        }
    }
}
