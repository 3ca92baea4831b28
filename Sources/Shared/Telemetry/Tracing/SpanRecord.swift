internal import Domain

/// How a span relates to its parent and its children.
/// https://opentelemetry.io/docs/specs/otel/trace/api/#spankind
package enum SpanKind: Int, Sendable {
    case `internal` = 1
    case server = 2
    case client = 3
    case producer = 4
    case consumer = 5
}

/// Everything about a span that goes to the collector.
struct SpanRecord: Sendable {
    static let maxAttributes = 128
    static let maxLinks = 128

    let name: String
    let kind: SpanKind
    let context: TraceContext
    /// `nil` for the first span of a trace.
    let parent: SpanID?
    let start: SpanTime
    var end: SpanTime
    private(set) var attributes: SpanAttributes = [:]
    private(set) var droppedAttributes = 0
    let links: ArraySlice<TraceContext>
    let droppedLinks: Int
    var hasFailed = false
    var statusMessage = ""

    init(
        name: String, kind: SpanKind, context: TraceContext, parent: SpanID?, start: SpanTime, links: [TraceContext]
    ) {
        self.name = name
        self.kind = kind
        self.context = context
        self.parent = parent
        self.start = start
        end = start
        self.links = links.prefix(Self.maxLinks)
        droppedLinks = links.count - self.links.count
    }

    mutating func set(_ key: String, _ value: SpanAttribute) {
        guard attributes.count < Self.maxAttributes || attributes[key] != nil else {
            droppedAttributes += 1
            return
        }
        attributes[key] = value.bounded
    }
}
