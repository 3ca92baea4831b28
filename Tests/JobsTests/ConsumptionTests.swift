import Domain
import Testing

@testable import Jobs

@Suite struct ConsumptionTests {
    @Test func `a queue that nobody asked for jobs has stalled, and one that was asked has not`() {
        let consumption = Consumption([.chat, .default])
        #expect(consumption.stalled() == [.chat, .default])
        consumption.note(.chat)
        #expect(consumption.stalled() == [.default])
        #expect(consumption.stalled(now: .now + .seconds(6)) == [.chat, .default])
    }

    @Test func `a queue that waits for the slots of one that has stalled has stalled, too`() {
        let consumption = Consumption([.chat, .default])
        consumption.isFull(.chat)
        #expect(consumption.stalled() == [.chat, .default])
        consumption.note(.default)
        #expect(consumption.stalled() == [])
    }

    @Test func `a worker with work in every slot has not stalled`() {
        let consumption = Consumption([.chat])
        consumption.note(.chat)
        consumption.isFull(.chat)
        #expect(consumption.stalled(now: .now + .seconds(600)) == [])
        consumption.isFree(.chat)
        #expect(consumption.stalled(now: .now + .seconds(4)) == [])
        #expect(consumption.stalled(now: .now + .seconds(6)) == [.chat])
    }
}
