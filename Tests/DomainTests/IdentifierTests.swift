import Domain
import Foundation
import Testing

@Suite struct IdentifierTests {
    @Test func `an identifier prints in lower case and reads back`() throws {
        let id = JobID.make()
        #expect(id.description == id.uuid.uuidString.lowercased())
        #expect(JobID(id.description) == id)
        #expect(JobID(id.description.uppercased()) == id)
    }

    @Test func `later identifiers sort after earlier ones, as text and as bytes`() {
        var random = SystemRandomNumberGenerator()
        let ids = (0..<100).map {
            JobID.make(at: Date(timeIntervalSince1970: 1_700_000_000 + Double($0)), random: &random)
        }
        #expect(ids == ids.sorted())
        #expect(ids.map(\.description) == ids.map(\.description).sorted())
    }

    @Test func `version and variant are those of RFC 9562`() {
        for _ in 0..<100 {
            let text = Array(JobID.make().description)
            #expect(text[14] == "7")
            #expect("89ab".contains(text[19]))
        }
    }

    @Test(arguments: [
        "", "x", "0190163d-8694-739b-aea5-966c26f8ad9", "0190163d8694739baea5966c26f8ad91",
        "{0190163d-8694-739b-aea5-966c26f8ad}",
    ])
    func `what is no UUID is refused`(text: String) {
        #expect(JobID(text) == nil)
    }

    @Test(arguments: ["", "Chat", "1chat", "a b", "-a", "chät", String(repeating: "a", count: 64)])
    func `what is no queue name is refused`(text: String) {
        #expect(QueueName(text) == nil)
    }

    @Test func `queue names are kept as they are`() {
        #expect(QueueName("a")?.rawValue == "a")
        #expect(QueueName("calendar-sync_2")?.rawValue == "calendar-sync_2")
    }
}
