// swift-tools-version: 6.2
import PackageDescription

/// Every target is checked the same way: explicit import visibility, explicit existentials, no transitive members.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let hummingbird: [Target.Dependency] = [
    .product(name: "Hummingbird", package: "hummingbird"),
    .product(name: "HummingbirdCore", package: "hummingbird"),
    .product(name: "HTTPTypes", package: "swift-http-types"),
    .product(name: "NIOCore", package: "swift-nio"),
]
let webSocket: [Target.Dependency] = [
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOWebSocket", package: "swift-nio"),
    .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
]
let jwt: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let crypto: [Target.Dependency] = [
    .product(name: "Crypto", package: "swift-crypto"),
    .product(name: "CryptoExtras", package: "swift-crypto"),
]
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// A module below Sources/Shared.
func shared(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/Shared/\(name)", resources: resources,
        swiftSettings: strict)
}

/// A C library of the system; `debian` is the package that brings its header.
func system(_ name: String, debian: String) -> Target {
    .systemLibrary(name: name, path: "Sources/Shared/\(name)", providers: [.apt([debian])])
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "errand",
    products: [
        .executable(name: "gateway", targets: ["APIGateway"]),
        .executable(name: "worker", targets: ["Worker"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        // jwt-kit brings it anyway; the simulator makes its RSA key with it.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        system("CLibPQ", debian: "libpq-dev"),
        system("CHiredis", debian: "libhiredis-dev"),
        system("CCurl", debian: "libcurl4-openssl-dev"),
        system("COpenSSL", debian: "libssl-dev"),
        system("CArgon2", debian: "libargon2-dev"),
        system("CCrypt", debian: "libcrypt-dev"),

        shared("Domain", []),
        shared("Threads", []),
        shared("Postgres", ["CLibPQ", "Threads", logging, lifecycle]),
        shared("Redis", ["CHiredis", "COpenSSL", "Threads", logging, lifecycle]),
        shared("HTTPTransport", ["CCurl", "Threads", logging, lifecycle]),
        shared("Vault", ["COpenSSL", "CArgon2", "CCrypt", "Threads", jwt, logging]),
        shared("Mail", ["CCurl", "Threads", logging]),
        shared("Settings", [configuration, logging]),
        shared(
            "Jobs", ["Domain", "Postgres", "Redis", logging, metrics, lifecycle],
            resources: [.embedInCode("Lua")]),
        shared("Store", ["Domain", "Postgres", "Vault", "Jobs"]),
        shared("Telemetry", ["Domain", "Threads", "HTTPTransport", logging, metrics, lifecycle]),
        shared("Providers", ["Domain", "HTTPTransport"]),

        .executableTarget(
            name: "APIGateway",
            dependencies: [
                "Domain", "Postgres", "Redis", "HTTPTransport", "Vault", "Mail", "Jobs", "Store", "Providers",
                "Settings", "Telemetry", logging, metrics, lifecycle, signals,
            ] + hummingbird + webSocket,
            path: "Sources/APIGateway",
            resources: [.embedInCode("Page"), .embedInCode("OpenAPI"), .embedInCode("Limits/Lua")],
            swiftSettings: strict),
        .executableTarget(
            name: "Worker",
            dependencies: [
                "Domain", "Postgres", "Redis", "HTTPTransport", "Vault", "Mail", "Jobs", "Store", "Providers",
                "Settings", "Telemetry", arguments, logging, metrics, lifecycle, signals,
            ],
            path: "Sources/Worker", resources: [.embedInCode("Quota/Lua")], swiftSettings: strict),

        .target(
            name: "TestSupport", dependencies: ["Domain", "Postgres", "Redis", "HTTPTransport", "Jobs", logging],
            path: "Tests/TestSupport", exclude: ["smtp_sink.py", "web_sink.py"], swiftSettings: strict),
        // A stand-in for the servers of OpenAI, Google, Microsoft, Notion and Canvas: linked into no product.
        .executableTarget(
            name: "ProviderSimulator", dependencies: ["Domain", "HTTPTransport", logging] + hummingbird + crypto,
            path: "Tests/ProviderSimulator",
            exclude: [
                "openai_client_check.py", "oauth_client_check.py", "calendar_client_check.py", "calendar_checks",
            ],
            swiftSettings: strict),
        tests("ProvidersTests", ["Domain", "HTTPTransport", "Providers", "ProviderSimulator", logging]),
        tests("ArchitectureTests", []),
        tests("DomainTests", ["Domain"]),
        tests("PostgresTests", ["Postgres", "TestSupport", logging, lifecycle]),
        tests("RedisTests", ["Redis", "Threads", "TestSupport", logging, lifecycle]),
        tests("HTTPTransportTests", ["HTTPTransport", logging, lifecycle]),
        tests("VaultTests", ["Vault", jwt, logging]),
        tests("MailTests", ["Mail", "TestSupport", logging]),
        tests("StoreTests", ["Domain", "Postgres", "Vault", "Jobs", "Store", "TestSupport", logging]),
        tests(
            "GatewayTests",
            ["Domain", "Postgres", "Redis", "Vault", "Jobs", "Store", "TestSupport", "APIGateway", logging, lifecycle]
                + hummingbird + webSocket),
        tests(
            "TelemetryTests", ["Domain", "Threads", "HTTPTransport", "Telemetry", logging, metrics, lifecycle],
            exclude: ["otlp_sink.py"]),
        tests(
            "SystemTests",
            [
                "Domain", "Postgres", "Redis", "HTTPTransport", "Vault", "Jobs", "Store", "TestSupport", "APIGateway",
                "Worker", "ProviderSimulator", logging,
            ]),
        .testTarget(
            name: "LeaseModelTests", dependencies: ["Domain", "Jobs"], path: "Tests/LeaseModelTests",
            // An exhaustive search wants the optimiser, also in a debug build.
            swiftSettings: strict + [.unsafeFlags(["-O"])]),
        tests("JobsTests", ["Domain", "Postgres", "Redis", "Jobs", "Store", "TestSupport", logging]),
    ]
)
