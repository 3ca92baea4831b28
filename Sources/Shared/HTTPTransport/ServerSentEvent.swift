/// One event of a `text/event-stream`.
package struct ServerSentEvent: Sendable, Hashable {
    /// The `event` field, "message" when the event has none.
    package var event: String
    /// The `data` lines, joined by line feeds.
    package var data: String
    /// The last `id` of the stream so far, this event's included; empty when there was none.
    package var id: String
    /// The `retry` field that came with this event: the reconnection time in milliseconds.
    package var retry: Int?

    package init(event: String = "message", data: String, id: String = "", retry: Int? = nil) {
        self.event = event
        self.data = data
        self.id = id
        self.retry = retry
    }
}
