import Foundation
import HTTPTransport
import TestSupport
import Testing
import Vault

/// `/openapi.json` against the gateway that serves it. What the answers look like, Tests/OpenAPI compares.
@Suite(.serialized) struct DocumentTests {
    private static let methods: Set = ["get", "put", "post", "delete", "patch", "head", "options", "trace"]

    /// `GET /api/v1/jobs/{id}`, of all operations.
    private func operations(_ document: [String: Any]) throws -> [String] {
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        return paths.flatMap { path, item in
            item.keys.filter(Self.methods.contains).map { "\($0.uppercased()) \(path)" }
        }.sorted()
    }

    private func document(_ client: APIClient) async throws -> [String: Any] {
        let answer = try await client.send("GET", "/openapi.json")
        #expect(answer.status == 200 && answer.headers.first("content-type") == "application/json")
        return try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    }

    @Test func `the document has exactly the routes of the gateway that serves it`() async throws {
        try await AccountSystem.with(.es256, ["LOG_LEVEL": "debug"]) { accounts in
            // The routes are told before the address, which the start has waited for.
            let routes = accounts.gateway.lines.filter { $0.hasSuffix(" route") }.compactMap { line in
                line.firstMatch(of: /method=([A-Z]+) path=(\S+)/).map { "\($0.1) \($0.2)" }
            }
            let documented = Set(try operations(await document(accounts.client)))
            #expect(routes.count > 60)
            #expect(Set(routes).subtracting(documented).sorted() == [])
            #expect(documented.subtracting(routes).sorted() == [])
        }
    }

    @Test func `the document names every operation once and refers to nothing it lacks`() async throws {
        try await TestSystem.with { system in
            let document = try await document(system.startGateway().client)
            let paths = try #require(document["paths"] as? [String: [String: Any]])
            let operations = paths.values.flatMap { item in
                item.filter { Self.methods.contains($0.key) }.compactMap { $0.value as? [String: Any] }
            }
            let names = operations.compactMap { $0["operationId"] as? String }
            #expect(names.count == operations.count && Set(names).count == names.count)
            #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil })

            let components = try #require(document["components"] as? [String: [String: Any]])
            let known = components.flatMap { section, members in
                members.keys.map { "#/components/\(section)/\($0)" }
            }
            let used = references(in: document)
            #expect(used.subtracting(known).isEmpty)
            let unused = Set(known).subtracting(used).filter { !$0.contains("/securitySchemes/") }
            #expect(unused.isEmpty)
        }
    }

    private func references(in value: Any) -> Set<String> {
        switch value {
        case let object as [String: Any]:
            object.reduce(into: []) { all, member in
                if member.key == "$ref", let name = member.value as? String { all.insert(name) }
                all.formUnion(references(in: member.value))
            }
        case let array as [Any]: array.reduce(into: []) { $0.formUnion(references(in: $1)) }
        default: []
        }
    }

    @Test func `who has the document already gets a 304`() async throws {
        try await TestSystem.with { system in
            let client = try await system.startGateway().client
            let first = try await client.send("GET", "/openapi.json")
            let tag = try #require(first.headers.first("etag"))
            for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                let again = try await client.send("GET", "/openapi.json", headers: [("If-None-Match", known)])
                #expect(again.status == 304 && again.body.isEmpty && again.headers.first("etag") == tag)
            }
            let other = try await client.send("GET", "/openapi.json", headers: [("If-None-Match", "\"other\"")])
            #expect(other.status == 200 && other.body == first.body)
        }
    }
}

/// `/docs`, with files that stand for Swagger UI's.
@Suite(.serialized) struct DocsTests {
    @Test func `the browser of the API has its files and no others`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("docs-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["swagger-ui.css", "swagger-ui-bundle.js", "secret.txt"] {
            try "/* \(name) */".write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        try await TestSystem.with { system in
            let client = try await system.startGateway(["DOCS_DIRECTORY": folder.path]).client
            let page = try await client.send("GET", "/docs")
            #expect(page.status == 200 && page.headers.first("content-type") == "text/html; charset=utf-8")
            let policy = try #require(page.headers.first("content-security-policy"))
            #expect(policy.contains("script-src 'self'") && !policy.contains("unsafe"))
            #expect(!page.text.contains(#/<script>|<style|style=|\son[a-z]+=/#))
            for name in ["swagger-ui.css", "swagger-ui-bundle.js"] {
                #expect(try await client.send("GET", "/docs/\(name)").text == "/* \(name) */")
            }
            #expect(try await client.send("GET", "/docs/docs.js").text.contains("persistAuthorization: false"))
            for name in ["secret.txt", "docs.html", "..%2Fsecret.txt", "%2e%2e", "..%2f..%2fetc%2fpasswd", "a/b"] {
                #expect(try await client.send("GET", "/docs/\(name)").status == 404, "\(name)")
            }
        }
    }

    @Test func `without its files it says what to set`() async throws {
        try await TestSystem.with { system in
            let client = try await system.startGateway().client
            for path in ["/docs", "/docs/swagger-ui.css"] {
                let answer = try await client.send("GET", path)
                #expect(answer.status == 404 && answer.text.contains("DOCS_DIRECTORY"))
            }
        }
        let gateway = try ServerProcess(
            "gateway",
            environment: [
                "DATABASE_URL": "postgresql://nowhere", "DOCS_DIRECTORY": "/nowhere",
                "API_KEYS": "\(UUID()):0123456789abcdef",
            ])
        #expect(await gateway.exit() == 78)
        #expect(gateway.lines.joined().contains("DOCS_DIRECTORY has no swagger-ui.css"))
    }
}
