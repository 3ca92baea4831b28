import Domain
import HTTPTypes
import Hummingbird
import Logging
import Synchronization
import Telemetry

/// Measures every request, and makes it a span of the trace its client sent, or of a new one. Outermost: it sees the
/// answer as the client does. A stream is measured to its beginning.
struct ObservationMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    let measures: RequestMeasures
    let tracer: Tracer

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let started = ContinuousClock.now
        let route = context.endpointPath
        let span = tracer.start(
            "\(request.method.rawValue) \(route ?? "none")", .server, parent: Self.parent(request),
            attributes: Self.attributes(request, route, context))
        var context = context
        context.trace = span.context
        if let trace = span.context {
            context.logger[metadataKey: "trace_id"] = "\(trace.traceID)"
            context.logger[metadataKey: "span_id"] = "\(trace.spanID)"
        }
        measures.open.add(1, ordering: .relaxed)
        var status = 0
        defer {
            measures.open.subtract(1, ordering: .relaxed)
            measures.answered(request.method, route, status: status, after: .now - started)
            if status > 0 { span.set("http.response.status_code", .int(status)) }
            if status >= 500 { span.fail(String(status)) }
            span.end()
        }
        let response = try await next(request, context)
        status = response.status.code
        return response
    }

    private static func parent(_ request: Request) -> TraceContext? {
        let states = request.headers[values: .tracestate].joined(separator: ",")
        return request.headers[.traceparent].flatMap { TraceContext(traceparent: $0, tracestate: states) }
    }

    /// https://opentelemetry.io/docs/specs/semconv/http/http-spans/
    private static func attributes(_ request: Request, _ route: String?, _ context: GatewayContext) -> SpanAttributes {
        var attributes: SpanAttributes = [
            "http.request.method": .string(request.method.rawValue), "url.scheme": "http",
            "errand.request_id": .string(context.requestID),
        ]
        attributes["http.route"] = route.map(SpanAttribute.string)
        return attributes
    }
}

extension HTTPField.Name {
    static let traceparent = HTTPField.Name("traceparent")!
    static let tracestate = HTTPField.Name("tracestate")!
}
