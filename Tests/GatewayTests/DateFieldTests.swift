import Synchronization
import Testing

@testable import APIGateway

@Suite struct DateFieldTests {
    @Test func `a date is written as RFC 9110 gives the example, and again when the second is over`() {
        let second = Atomic(784_111_777)
        let field = DateField { second.load(ordering: .relaxed) }
        #expect(field.text == "Sun, 06 Nov 1994 08:49:37 GMT")
        second.store(1_798_761_600, ordering: .relaxed)
        #expect(field.text == "Fri, 01 Jan 2027 00:00:00 GMT")
    }
}
