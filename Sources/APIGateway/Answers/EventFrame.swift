import Domain
import Hummingbird
import Jobs

/// What a follower gets of one event, whichever way it is sent.
struct EventFrame {
    /// Where a follower goes on after it. `nil`: where it was.
    var id: EventCursor?
    var name: String
    var data: JSONWriter

    /// `nil` for an item that says nothing.
    init?(_ item: JobReader.Item) {
        data = JSONWriter(capacity: 64)
        switch item {
        case .stillThere: return nil
        case .event(let placed):
            (id, name) = (placed.cursor, placed.event.name)
            write(placed.event)
        case .end(let job):
            // With the last cursor, so that a client that reconnects after the end gets the end again and nothing else.
            (id, name) = (job.lastSequence.map { EventCursor(attempt: job.attempt, sequence: $0) }, "end")
            JobAnswer(job).write(to: &data)
        }
    }

    private mutating func write(_ event: JobEvent) {
        switch event {
        case .attempt(let number): data.object { $0.field("attempt", number) }
        case .delta(let text), .snapshot(let text): data.object { $0.field("text", text) }
        case .progress(let json): data.json(Array(json.utf8))
        }
    }

    /// As bytes of a `text/event-stream` (https://html.spec.whatwg.org/multipage/server-sent-events.html).
    static func bytes(_ item: JobReader.Item) -> ByteBuffer {
        guard let frame = EventFrame(item) else { return ByteBuffer(string: ":\n\n") }
        var buffer = ByteBuffer()
        if let id = frame.id { buffer.writeString("id: \(id)\n") }
        // JSON has no bare line break, so the data is one line.
        buffer.writeString("event: \(frame.name)\ndata: ")
        buffer.writeBytes(frame.data.bytes)
        buffer.writeString("\n\n")
        return buffer
    }
}
