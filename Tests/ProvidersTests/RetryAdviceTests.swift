import Foundation
import HTTPTransport
import Testing

@testable import Providers

@Suite struct RetryAdviceTests {
    private static let now = Date(timeIntervalSince1970: 1_795_266_000)  // Sat, 21 Nov 2026 13:00:00 GMT

    @Test(
        arguments: [
            ([("retry-after", "20")], 20),
            ([("Retry-After", "1.5")], 1.5),
            ([("retry-after", "7"), ("retry-after-ms", "250")], 0.25),
            ([("retry-after", "7"), ("retry-after-ms", "soon")], 7),
            ([("retry-after", "Sat, 21 Nov 2026 13:00:30 GMT")], 30),
            ([("retry-after", "3600")], 3600),
            ([("retry-after", "1e300")], RetryAdvice.maxDelaySeconds),
            ([("retry-after", "Sat, 21 Nov 2026 12:59:00 GMT")], nil),
            ([("retry-after", "0")], nil),
            ([("retry-after", "-1")], nil),
            ([("retry-after", "nan")], nil),
            ([("retry-after", "inf")], nil),
            ([("retry-after", "later")], nil),
            ([("retry-after", "")], nil),
            ([], nil),
        ] as [([(String, String)], Double?)])
    func `a delay is read from milliseconds, then seconds, then a date`(headers: [(String, String)], delay: Double?) {
        let advice = RetryAdvice(headers: HTTPHeaders(headers.map { (name: $0.0, value: $0.1) }), now: Self.now)
        #expect(advice.delaySeconds == delay)
        #expect(advice.shouldRetry == nil)
    }

    @Test(arguments: [("true", true), ("FALSE", false), ("maybe", nil)] as [(String, Bool?)])
    func `x-should-retry is read`(value: String, expected: Bool?) {
        let advice = RetryAdvice(headers: HTTPHeaders([("X-Should-Retry", value)]), now: Self.now)
        #expect(advice.shouldRetry == expected)
    }

    @Test(
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
            ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200),
            ("Sat, 01 Jan 2000 00:00:00 GMT", 946_684_800),
            ("Fri, 01 Jan 2100 00:00:00 GMT", 4_102_444_800),
            ("Sun, 06 Nov 1994 08:49:37", nil), ("Sun, 06 Nov 1994 24:49:37 GMT", nil),
            ("Sun, 32 Nov 1994 08:49:37 GMT", nil),
            ("Sun, 06 Nux 1994 08:49:37 GMT", nil), ("Sun, 06 Nov 1994 08:49 GMT", nil), ("", nil),
        ] as [(String, Double?)])
    func `a date of a header is read in its current form only`(text: String, seconds: Double?) {
        #expect(HTTPDate(text)?.date.timeIntervalSince1970 == seconds)
    }
}
