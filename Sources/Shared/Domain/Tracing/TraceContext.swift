/// Where in a trace something happens, as W3C Trace Context passes it from request to job to provider.
/// https://www.w3.org/TR/trace-context-2/
package struct TraceContext: Sendable, Hashable {
    package let traceID: TraceID
    /// The span that carries the context: the parent of whatever starts below it.
    package let spanID: SpanID
    package let flags: TraceFlags
    /// What other tracing systems sent along. It is passed on as it came.
    package let state: TraceState

    /// Whether the spans of this trace are recorded.
    package var isSampled: Bool { flags.contains(.sampled) }

    package init(traceID: TraceID, spanID: SpanID, flags: TraceFlags, state: TraceState = TraceState()) {
        self.traceID = traceID
        self.spanID = spanID
        self.flags = flags
        self.state = state
    }

    /// The first context of a new trace.
    package static func root(isSampled: Bool, random: inout some RandomNumberGenerator) -> TraceContext {
        TraceContext(
            traceID: .random(using: &random), spanID: .random(using: &random),
            flags: isSampled ? [.sampled, .random] : .random)
    }

    package static func root(isSampled: Bool) -> TraceContext {
        var random = SystemRandomNumberGenerator()
        return root(isSampled: isSampled, random: &random)
    }

    /// The context of a new span below this one.
    package func child(random: inout some RandomNumberGenerator) -> TraceContext {
        TraceContext(traceID: traceID, spanID: .random(using: &random), flags: flags, state: state)
    }

    package func child() -> TraceContext {
        var random = SystemRandomNumberGenerator()
        return child(random: &random)
    }
}

extension TraceContext {
    /// Reads the two headers. `nil` when `traceparent` is not valid: then the trace starts anew. A `tracestate` that
    /// is not valid is left out and spoils nothing.
    ///
    /// Of a version this code does not know, it reads the part that every version has in common.
    ///
    /// - Parameter tracestate: all headers of that name, joined by commas.
    package init?(traceparent: some StringProtocol, tracestate: (some StringProtocol)?) {
        let text = Array(traceparent.utf8)
        guard text.count >= 55, text[2] == Self.dash, text[35] == Self.dash, text[52] == Self.dash,
            let version = HexDigits.value(text[0..<2]), version != 0xff,
            text.count == 55 || (version > 0 && text[55] == Self.dash),
            let high = HexDigits.value(text[3..<19]), let low = HexDigits.value(text[19..<35]),
            let traceID = TraceID(high: high, low: low),
            let spanID = HexDigits.value(text[36..<52]).flatMap(SpanID.init),
            let bits = HexDigits.value(text[53..<55])
        else { return nil }
        let known: TraceFlags = version == 0 ? [.sampled, .random] : .sampled
        self.init(
            traceID: traceID, spanID: spanID, flags: TraceFlags(rawValue: UInt8(bits)).intersection(known),
            state: tracestate.flatMap { TraceState($0) } ?? TraceState())
    }

    package init?(traceparent: some StringProtocol) {
        self.init(traceparent: traceparent, tracestate: String?.none)
    }

    /// The header of that name, in version 00.
    package var traceparent: String {
        "00-\(traceID)-\(spanID)-\(String(decoding: HexDigits.text(UInt64(flags.rawValue), count: 2), as: UTF8.self))"
    }

    /// The header of that name; `nil` when there is nothing to pass on.
    package var tracestate: String? { state.text.isEmpty ? nil : state.text }

    /// Both headers, for an outgoing request.
    package var headers: [(name: String, value: String)] {
        [("traceparent", traceparent)] + (tracestate.map { [("tracestate", $0)] } ?? [])
    }

    private static let dash = UInt8(ascii: "-")
}
