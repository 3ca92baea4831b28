import Testing

@testable import Telemetry

@Suite struct TracingConfigurationTests {
    @Test(arguments: [
        [:], ["OTEL_EXPORTER_OTLP_ENDPOINT": ""],
        ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "TRUE"],
        ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_TRACES_EXPORTER": "none"],
    ])
    func `without an endpoint, or switched off, there is none`(environment: [String: String]) {
        let (configuration, warnings) = read(environment)
        #expect(configuration == nil && warnings.isEmpty)
    }

    @Test(arguments: [
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"], "http://c:4318/v1/traces"),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "https://c/otlp/"], "https://c/otlp/v1/traces"),
        (
            ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://d/x"],
            "http://d/x"
        ),
    ])
    func `the endpoint is a base, unless it is that of traces`(environment: [String: String], url: String) {
        #expect(read(environment).configuration?.url == url)
    }

    @Test func `every variable is read`() throws {
        let (configuration, warnings) = read([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_SERVICE_NAME": "mine",
            "OTEL_RESOURCE_ATTRIBUTES": "service.name=other,deployment.environment.name=p%C3%A9%2C, a = b ",
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20x=y,b=c", "OTEL_EXPORTER_OTLP_TIMEOUT": "1500",
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.25",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
        ])
        let found = try #require(configuration)
        #expect(warnings.isEmpty)
        #expect(
            found.resource == [
                "service.name": "mine", "deployment.environment.name": "pé,", "a": "b",
                "telemetry.sdk.language": "swift",
            ])
        #expect(found.headers.map { "\($0.name): \($0.value)" } == ["authorization: Bearer x=y", "b: c"])
        #expect(found.timeout == .milliseconds(1500))
        #expect(found.sampler == Sampler(ratio: 0.25, isParentBased: true))
    }

    @Test func `the program's name is the last resort`() {
        #expect(read(["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c"]).configuration?.resource["service.name"] == "errand")
    }

    @Test(arguments: [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "c:4317"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "0"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_TRACES_SAMPLER", "sometimes"), ("OTEL_TRACES_SAMPLER_ARG", "2"), ("OTEL_TRACES_SAMPLER_ARG", "nan"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a"), ("OTEL_RESOURCE_ATTRIBUTES", "=b"), ("OTEL_RESOURCE_ATTRIBUTES", "a=%2"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "token=hunter2,oops"), ("OTEL_RESOURCE_ATTRIBUTES", "a=%ff"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=%+f"),
    ])
    func `a value of no use is said and never repeated`(variable: String, value: String) {
        let base = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_TRACES_SAMPLER": "traceidratio"]
        let (configuration, warnings) = read(base.merging([variable: value]) { $1 })
        #expect(warnings.count == 1 && warnings[0].hasPrefix(variable) && !warnings[0].contains("hunter2"))
        #expect((configuration == nil) == (variable == "OTEL_EXPORTER_OTLP_ENDPOINT"))
        #expect(configuration?.headers.isEmpty != false)
    }

    private func read(_ environment: [String: String]) -> (configuration: TracingConfiguration?, warnings: [String]) {
        var warnings: [String] = []
        let configuration = TracingConfiguration.read(environment, service: "errand") { warnings.append($0) }
        return (configuration, warnings)
    }
}
