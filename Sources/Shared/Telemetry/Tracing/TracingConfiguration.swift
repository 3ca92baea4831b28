/// Where spans go and which, from OpenTelemetry's standard variables.
/// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
package struct TracingConfiguration: Sendable {
    /// Full URL that batches are posted to.
    package var url: String
    package var headers: [(name: String, value: String)] = []
    /// For one request, from name look-up to the end of the answer.
    package var timeout = Duration.seconds(10)
    package var sampler = Sampler()
    /// What all spans have in common: `service.name` and whatever the operator adds.
    package var resource: SpanAttributes
    package var maxQueuedSpans = 2_048
    package var maxBatchSpans = 512
    /// How long an ended span waits for others at most.
    package var delay = Duration.seconds(5)
    /// How long `SpanExporter.run` goes on after a graceful shutdown.
    package var flush = Duration.seconds(5)

    package init(url: String, service: String) {
        self.url = url
        resource = ["service.name": .string(service), "telemetry.sdk.language": "swift"]
    }

    /// - Parameters:
    ///   - environment: of the process.
    ///   - service: the name unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES has one.
    ///   - warn: gets a sentence for each variable whose value is of no use; a variable's secret is not in it.
    /// - Returns: `nil` when no endpoint is configured, or tracing is switched off.
    package static func read(
        _ environment: [String: String], service: String, warn: (String) -> Void
    ) -> TracingConfiguration? {
        let variables = environment.filter { !$0.value.isEmpty }
        guard variables["OTEL_SDK_DISABLED"]?.lowercased() != "true", variables["OTEL_TRACES_EXPORTER"] != "none",
            let url = url(variables, warn)
        else { return nil }
        var configuration = TracingConfiguration(url: url, service: service)
        configuration.readTransport(variables, warn)
        configuration.readSampler(variables, warn)
        for (name, value) in pairs(variables, "OTEL_RESOURCE_ATTRIBUTES", warn) {
            configuration.resource[name] = .string(value)
        }
        if let name = variables["OTEL_SERVICE_NAME"] { configuration.resource["service.name"] = .string(name) }
        return configuration
    }

    /// The general endpoint is a base; the one for traces is taken as it is.
    private static func url(_ variables: [String: String], _ warn: (String) -> Void) -> String? {
        let own = variables["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]
        guard let text = own ?? variables["OTEL_EXPORTER_OTLP_ENDPOINT"] else { return nil }
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
            warn("OTEL_EXPORTER_OTLP_ENDPOINT is not an http or https URL: nothing is traced.")
            return nil
        }
        return own ?? (text.hasSuffix("/") ? text + "v1/traces" : text + "/v1/traces")
    }

    private mutating func readTransport(_ variables: [String: String], _ warn: (String) -> Void) {
        for name in ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"] {
            headers += Self.pairs(variables, name, warn)
        }
        for name in ["OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"] {
            guard let text = variables[name] else { continue }
            guard let milliseconds = Int(text), milliseconds > 0 else {
                warn("\(name) is not a number of milliseconds above 0: \(timeout) it is.")
                continue
            }
            timeout = .milliseconds(milliseconds)
        }
        let asked = variables["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] ?? variables["OTEL_EXPORTER_OTLP_PROTOCOL"]
        if let asked, asked != "http/json" { warn("OTEL_EXPORTER_OTLP_PROTOCOL: only http/json is spoken here.") }
    }

    private mutating func readSampler(_ variables: [String: String], _ warn: (String) -> Void) {
        let argument = variables["OTEL_TRACES_SAMPLER_ARG"]
        let ratio = argument.flatMap(Double.init).flatMap { (0...1).contains($0) ? $0 : nil }
        guard let name = variables["OTEL_TRACES_SAMPLER"] else { return }
        guard let sampler = Sampler(name: name, ratio: ratio) else {
            return warn("OTEL_TRACES_SAMPLER has no sampler of that name: parentbased_always_on it is.")
        }
        self.sampler = sampler
        if argument != nil, ratio == nil, name.hasSuffix("traceidratio") {
            warn("OTEL_TRACES_SAMPLER_ARG is not a number from 0 to 1: 1 it is.")
        }
    }

    /// `a=b,c=d` with percent-encoded values; one bad pair spoils all, as the specification wants.
    private static func pairs(
        _ variables: [String: String], _ variable: String, _ warn: (String) -> Void
    ) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for part in (variables[variable] ?? "").split(separator: ",") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
            guard halves.count == 2, !halves[0].isEmpty, let name = percentDecoded(halves[0]),
                let value = percentDecoded(halves[1])
            else {
                warn("\(variable) is not a list of name=value: it is not used.")
                return []
            }
            pairs.append((name, value))
        }
        return pairs
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }

    private static func percentDecoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
