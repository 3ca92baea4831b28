internal import Domain

/// Writes an ExportTraceServiceRequest in the JSON mapping of OTLP: ids in hexadecimal, 64-bit integers as strings,
/// enumerations as numbers. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
enum OTLPWriter {
    static func request(_ spans: [SpanRecord], resource: SpanAttributes) -> [UInt8] {
        var writer = JSONWriter(capacity: 512 * (spans.count + 1))
        writer.object { request in
            request.key("resourceSpans")
            request.array {
                $0.object { item in
                    item.key("resource")
                    item.object { write(resource, to: &$0) }
                    item.key("scopeSpans")
                    item.array { $0.object { write(spans, to: &$0) } }
                }
            }
        }
        return writer.bytes
    }

    private static func write(_ spans: [SpanRecord], to scope: inout JSONWriter) {
        scope.key("scope")
        scope.object { $0.field("name", "errand") }
        scope.key("spans")
        scope.array { array in
            for span in spans { array.object { write(span, to: &$0) } }
        }
    }

    private static func write(_ span: SpanRecord, to object: inout JSONWriter) {
        write(span.context, to: &object)
        if let parent = span.parent { object.field("parentSpanId", parent.description) }
        object.field("name", span.name)
        object.field("kind", span.kind.rawValue)
        object.field("startTimeUnixNano", String(span.start.unixNanoseconds))
        object.field("endTimeUnixNano", String(span.end.unixNanoseconds))
        write(span.attributes, to: &object)
        if span.droppedAttributes > 0 { object.field("droppedAttributesCount", span.droppedAttributes) }
        if !span.links.isEmpty {
            object.key("links")
            object.array { array in
                for link in span.links { array.object { write(link, to: &$0) } }
            }
        }
        if span.droppedLinks > 0 { object.field("droppedLinksCount", span.droppedLinks) }
        guard span.hasFailed else { return }
        object.key("status")
        object.object { status in
            status.field("code", 2)
            if !span.statusMessage.isEmpty { status.field("message", span.statusMessage) }
        }
    }

    private static func write(_ context: TraceContext, to object: inout JSONWriter) {
        object.field("traceId", context.traceID.description)
        object.field("spanId", context.spanID.description)
        object.field("flags", Int(context.flags.rawValue))
        if let state = context.tracestate { object.field("traceState", state) }
    }

    /// In the order of their names, so that equal spans are equal bytes.
    private static func write(_ attributes: SpanAttributes, to object: inout JSONWriter) {
        guard !attributes.isEmpty else { return }
        object.key("attributes")
        object.array { array in
            for (key, value) in attributes.sorted(by: { $0.key < $1.key }) {
                array.object { pair in
                    pair.field("key", key)
                    pair.key("value")
                    pair.object { write(value, to: &$0) }
                }
            }
        }
    }

    private static func write(_ value: SpanAttribute, to object: inout JSONWriter) {
        switch value {
        case .string(let text): object.field("stringValue", text)
        case .bool(let flag): object.field("boolValue", flag)
        case .int(let number): object.field("intValue", String(number))
        case .double(let number): object.field("doubleValue", json: json(number))
        case .strings(let texts):
            object.key("arrayValue")
            object.object { list in
                list.key("values")
                list.array { array in
                    for text in texts { array.object { $0.field("stringValue", text) } }
                }
            }
        }
    }

    /// https://protobuf.dev/programming-guides/json/: what JSON has no number for is a string.
    private static func json(_ number: Double) -> [UInt8] {
        if number.isNaN { return Array(#""NaN""#.utf8) }
        if number.isInfinite { return Array((number < 0 ? #""-Infinity""# : #""Infinity""#).utf8) }
        return Array(number.description.utf8)
    }
}
