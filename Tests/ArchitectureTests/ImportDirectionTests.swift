import Foundation
import Testing

/// SwiftPM lets a target import what it does not declare, as long as something it depends on does. So the directions of
/// DESIGN.md are checked in the text.
@Suite struct ImportDirectionTests {
    /// Every module of this package, and which others of it each may import.
    static let allowed: [String: Set<String>] = [
        "Domain": [],
        "Threads": [],
        "Postgres": ["CLibPQ", "Threads"],
        "Redis": ["CHiredis", "COpenSSL", "Threads"],
        "HTTPTransport": ["CCurl", "Threads"],
        "Vault": ["COpenSSL", "CArgon2", "CCrypt", "Threads"],
        "Mail": ["CCurl", "Threads"],
        "Settings": [],
        "Jobs": ["Domain", "Postgres", "Redis"],
        "Store": ["Domain", "Postgres", "Vault", "Jobs"],
        "Providers": ["Domain", "HTTPTransport"],
        "Telemetry": ["Domain", "HTTPTransport", "Threads"],
        "APIGateway": [
            "Domain", "Postgres", "Redis", "HTTPTransport", "Vault", "Mail", "Jobs", "Store", "Providers", "Settings",
            "Telemetry",
        ],
        "Worker": [
            "Domain", "Postgres", "Redis", "HTTPTransport", "Vault", "Mail", "Jobs", "Store", "Providers", "Settings",
            "Telemetry",
        ],
        "CLibPQ": [], "CHiredis": [], "CCurl": [], "COpenSSL": [], "CArgon2": [], "CCrypt": [],
    ]

    /// Packages from outside, and which modules may import each.
    static let external: [String: Set<String>] = [
        "Hummingbird": ["APIGateway"],
        "HTTPTypes": ["APIGateway"],
        "NIOCore": ["APIGateway"],
        "NIOWebSocket": ["APIGateway"],
        "JWTKit": ["Vault"],
        "ArgumentParser": ["Worker"],
        "Configuration": ["Settings"],
    ]

    @Test func `every module imports only what DESIGN.md lets it`() throws {
        var checked = 0
        for file in try SourceFile.all(below: "Sources") where file.path.hasSuffix(".swift") {
            guard let allowed = Self.allowed[file.module] else {
                Issue.record("\(file.path): the module \(file.module) has no entry here")
                continue
            }
            for name in file.imports {
                checked += 1
                if Self.allowed[name] != nil, name != file.module, !allowed.contains(name) {
                    Issue.record("\(file.path) imports \(name)")
                }
                if let users = Self.external[name], !users.contains(file.module) {
                    Issue.record("\(file.path) imports \(name), which is for \(users.sorted())")
                }
            }
        }
        #expect(checked > 100, "the sources were not found")
    }

    @Test func `the check sees an import against the direction`() {
        let file = SourceFile(
            path: "Sources/Shared/Domain/X.swift", text: "package import Postgres\n@testable import Jobs\n")
        #expect(file.module == "Domain")
        #expect(file.imports == ["Postgres", "Jobs"])
    }

    @Test func `every module of the tree is known`() throws {
        let modules = Set(try SourceFile.all(below: "Sources").map(\.module))
        #expect(modules == Set(Self.allowed.keys))
    }
}
