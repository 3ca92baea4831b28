import Domain
import Hummingbird
import Jobs

/// What a follower gets, as bytes of a `text/event-stream`
/// (https://html.spec.whatwg.org/multipage/server-sent-events.html).
enum EventFrame {
    static func bytes(_ item: JobReader.Item) -> ByteBuffer {
        switch item {
        case .stillThere: return ByteBuffer(string: ":\n\n")
        case .event(let placed): return event(placed)
        case .end(let job):
            var writer = JSONWriter()
            JobAnswer(job).write(to: &writer)
            // With the last cursor, so that a client that reconnects after the end gets the end again and nothing else.
            let cursor = job.lastSequence.map { EventCursor(attempt: job.attempt, sequence: $0) }
            return frame(id: cursor, name: "end", data: writer)
        }
    }

    private static func event(_ placed: PlacedEvent) -> ByteBuffer {
        var writer = JSONWriter(capacity: 64)
        switch placed.event {
        case .attempt(let number): writer.object { $0.field("attempt", number) }
        case .delta(let text), .snapshot(let text): writer.object { $0.field("text", text) }
        case .progress(let json): writer.json(Array(json.utf8))
        }
        return frame(id: placed.cursor, name: placed.event.name, data: writer)
    }

    private static func frame(id: EventCursor?, name: String, data: JSONWriter) -> ByteBuffer {
        var buffer = ByteBuffer()
        if let id { buffer.writeString("id: \(id)\n") }
        // JSON has no bare line break, so the data is one line.
        buffer.writeString("event: \(name)\ndata: ")
        buffer.writeBytes(data.bytes)
        buffer.writeString("\n\n")
        return buffer
    }
}
