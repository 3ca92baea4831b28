import Domain
import Foundation
import Postgres
import TestSupport
import Testing

/// `worker users`, `worker keys` and `worker signing-keys`, as processes of their own.
@Suite(.serialized, .timeLimit(.minutes(4))) struct AccountCommandTests {
    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    @Test func `an account is opened, shown, changed and deleted, and all of it is recorded`() async throws {
        try await TestSystem.with { system in
            let made = try await system.operate(
                ["users", "create", "Ann@Example.com", "--name", "Ann", "--json"], input: "a long enough phrase\n")
            #expect(made.status == 0, "\(made.output)")
            let id = try #require(try object(made.output)["id"] as? String)
            #expect(try object(made.output)["is_verified"] as? Bool == true)
            #expect(!made.output.contains("argon2"))
            #expect(try await system.operate("users", "deactivate", "ann@example.com").status == 0)
            let shown = try object(try await system.operate("users", "show", id, "--json").output)
            #expect(shown["is_active"] as? Bool == false && shown["has_password"] as? Bool == true)
            #expect(try await system.operate("users", "activate", id).status == 0)
            #expect(try await system.operate("users", "verify", id).status == 0)
            #expect(try await system.operate("users", "revoke-sessions", id).status == 0)
            let listed = try object(try await system.operate("users", "list", "ann@", "--json").output)
            #expect((listed["users"] as? [[String: Any]])?.count == 1)
            #expect(try await system.operate("users", "list").output.contains("ann@example.com"))
            let asked = try await system.operate("users", "delete", id)
            #expect(asked.status == 64 && asked.output.contains("ann@example.com would be deleted"))
            #expect(asked.output.contains("Nothing was done: repeat with --yes"))
            #expect(try await system.operate("users", "show", id).status == 0, "deleted without --yes")
            let deleted = try await system.operate("users", "delete", id, "--yes", "--json")
            #expect(deleted.status == 0, "\(deleted.output)")
            #expect(try object(deleted.output)["job_id"] is String)
            #expect(try await system.count("SELECT count(*) FROM jobs WHERE kind = 'account.erase'") == 1)
            #expect(try await system.operate("users", "show", "ann@example.com").status == 65)
            #expect(
                try await system.actions("operator") == [
                    "users.created", "users.deactivated", "users.activated", "auth.verified", "auth.sessions_revoked",
                    "auth.account_deleted",
                ])
        }
    }

    @Test func `whether an address is verified is shown`() async throws {
        try await TestSystem.with { system in
            #expect(try await system.operate("users", "create", "ann@example.com", "--mail-link").status == 0)
            for (isVerified, word) in [(false, "no"), (true, "yes")] {
                let shown = try object(try await system.operate("users", "show", "ann@example.com", "--json").output)
                #expect(shown["is_verified"] as? Bool == isVerified)
                let sheet = try await system.operate("users", "show", "ann@example.com").output
                #expect(sheet.contains(try Regex("(?m)^verified +\(word) *$")), "\(sheet)")
                #expect(try await system.operate("users", "verify", "ann@example.com").status == 0)
            }
        }
    }

    @Test func `what cannot be done changes nothing and says why`() async throws {
        try await TestSystem.with { system in
            let weak = try await system.operate(["users", "create", "ann@example.com"], input: "password123\n")
            #expect(weak.status == 65 && weak.output.contains("password") && !weak.output.contains("password123"))
            #expect(try await system.operate(["users", "create", "ann@example.com"], input: "").status == 65)
            #expect(try await system.operate(["users", "create", "no address"], input: "x\n").status == 64)
            let first = try await system.operate(["users", "create", "a@example.com"], input: "a long enough phrase")
            #expect(first.status == 0)
            let second = try await system.operate(["users", "create", "a@example.com"], input: "a long enough phrase")
            #expect(second.status == 65 && second.output.contains("already"))
            #expect(try await system.operate("users", "create", "a@example.com", "--mail-link").status == 65)
            #expect(try await system.count("SELECT count(*) FROM jobs") == 0)
            for command in ["show", "deactivate", "activate", "verify", "revoke-sessions", "delete"] {
                #expect(try await system.operate("users", command, "nobody@example.com").status == 65)
                #expect(try await system.operate("users", command, "\(UserID.make())").status == 65)
            }
            #expect(try await system.actions("operator") == ["users.created"])
        }
    }

    @Test func `a key opens the API until it is revoked`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let made = try object(
                try await system.operate(
                    "keys", "create", "cron", "--scopes", "jobs:read", "--tenant", "\(system.tenant)", "--json"
                ).output)
            let (id, key) = (made["id"] as? String ?? "", made["key"] as? String ?? "")
            #expect(key.hasPrefix("errand_"))
            let keyed = APIClient(transport: client.transport, base: client.base, key: key)
            #expect(try await keyed.send("GET", "/api/v1/jobs").status == 200)
            #expect(try await keyed.send("POST", "/api/v1/jobs", body: #"{"kind": "noop"}"#).status == 403)
            let listed = try await system.operate("keys", "list")
            #expect(listed.output.contains(id) && !listed.output.contains(key))
            #expect(try await system.count("SELECT count(*) FROM api_keys WHERE api_keys::text LIKE '%\(key)%'") == 0)
            #expect(try await system.operate("keys", "revoke", id).status == 0)
            // The gateway hears of it over Redis; the answer changes without waiting for the standing to grow old.
            var status = 200
            let deadline = ContinuousClock.now + .seconds(3)
            while status == 200, .now < deadline { status = try await keyed.send("GET", "/api/v1/jobs").status }
            #expect(status == 401)
            #expect(try await system.operate("keys", "revoke", id).status == 65)
            #expect(try await system.operate("keys", "create", "x", "--scopes", "jobs:fly").status == 64)
            #expect(
                try await system.operate(
                    "keys", "create", "x", "--scopes", "operate", "--tenant", "\(system.tenant)"
                ).status == 64)
            #expect(try await system.actions("operator") == ["keys.created", "keys.revoked"])
        }
    }

    @Test func `signing keys are added behind, promoted and retired`() async throws {
        try await TestSystem.with { system in
            let file = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString).json").path()
            defer { try? FileManager.default.removeItem(atPath: file) }
            func keys() async throws -> [String] {
                let listed = try object(try await system.operate("signing-keys", "list", file, "--json").output)
                return (listed["keys"] as? [[String: Any]] ?? []).compactMap { $0["kid"] as? String }
            }
            let first = try await system.operate("signing-keys", "new", file).output
            let second = try await system.operate("signing-keys", "new", file, "--algorithm", "eddsa").output
            #expect(try await keys() == [first, second])
            #expect(try await system.operate("signing-keys", "retire", file, first).status == 65)
            #expect(try await system.operate("signing-keys", "promote", file, second).status == 0)
            #expect(try await keys() == [second, first])
            #expect(try await system.operate("signing-keys", "retire", file, first).status == 0)
            #expect(try await keys() == [second])
            #expect(try await system.operate("signing-keys", "retire", file, "none").status == 65)
            let attributes = try FileManager.default.attributesOfItem(atPath: file)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
            try Data("not a key set".utf8).write(to: URL(filePath: file))
            #expect(try await system.operate("signing-keys", "new", file).status == 65)
            #expect(try Data(contentsOf: URL(filePath: file)) == Data("not a key set".utf8))
        }
    }
}

extension TestSystem {
    /// What the audit log says somebody did, in order.
    fileprivate func actions(_ actor: String) async throws -> [String] {
        let statement = Statement("test.actions", "SELECT action FROM audit_events WHERE actor = $1 ORDER BY id")
        return try await owner.query(statement, [.text(actor)]).map { try $0.text(0) }
    }
}
