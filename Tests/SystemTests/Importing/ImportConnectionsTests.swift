import Domain
import Foundation
import Postgres
import Store
import TestSupport
import Testing

/// `worker connections import`, against the real database.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ImportConnectionsTests {
    // Made by version 50.0.2 of Python's `cryptography`.
    private static let fernetKeys = """
        bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0=

        b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xkLW9sZC0=
        """
    private static let fernetAccess =
        "gAAAAABrDWVAMDEyMzQ1Njc4OWFiY2RlZgBpCuH1u3R84l1P7zSPCJXrhsDdOoWRYyimcS3noUpE1DtXesBTRlt9XACiEBt8X41H-z4ViRe0"
        + "ZIISkeG07mg="
    /// Sealed by the older key.
    private static let fernetRefresh =
        "gAAAAABrDWVAMDEyMzQ1Njc4OWFiY2RlZoqjtkQMnbwPPSTuA3ShkjGZfR_Mqe32_sRWmmBUmkvgKHdyN-BzjI3EosTrNiuTsFIFKwWSMVLq"
        + "qkg906vaQSI="
    /// "two words".
    private static let fernetWords =
        "gAAAAABrDWVAMDEyMzQ1Njc4OWFiY2RlZoHKELSdwHKWSl6Egn_j82v2O5yO5_G5PKH7qxe8hhnDv7ENi-juV2Tpq-W6ixGuYw=="
    private static let versionedAccess =
        "v2:010101010101010101010101:695821d9e20e4650e6438437c098ec09:0ea2d70c46f30d14a73d08767d037fb9a80deaa8e2"
    private static let versionedRefresh =
        "v2:020202020202020202020202:d6677ca39c3547f6c04e73b405e8607b:aa0736cddcab4232a4ebc79c1e0bbf756e8cdc04"

    private static func quoted(_ text: String) -> String { "\"\(text)\"" }

    @Test func `tokens that Fernet sealed are taken over and sealed anew`() async throws {
        try await ImportSystem.with { importing in
            let keys = try importing.write("fernet", Self.fernetKeys)
            let tenant = TenantID.make()
            let line = ImportSystem.line(
                tenant,
                [
                    "access_token": Self.quoted(Self.fernetAccess), "refresh_token": Self.quoted(Self.fernetRefresh),
                    "scopes": #""openid  email""#,
                ])
            let answer = try await importing.take([line], ["--fernet-key-file", keys])
            #expect(answer.status == 0)
            #expect(answer.output == "1 imported, 0 updated, 0 kept as they are, 0 refused")
            let made = try await importing.only(tenant)
            #expect(made.accessToken == "ya29.fernet-access" && made.refreshToken == "1//fernet-refresh")
            #expect(made.connection.scopes == ["openid", "email"])
            #expect(made.connection.accountID == "1087" && made.connection.accountName == "ada@example.com")
            #expect(made.connection.state == .active && made.connection.tokenVersion == 1)
            let left = try #require(made.connection.expiresAt).timeIntervalSinceNow
            #expect((3_500...3_605).contains(left), "\(left)")
            #expect((made.connection.renewAt ?? .distantPast) > Date())
            let noted = "SELECT count(*) FROM audit_events WHERE action = 'connection.made' AND tenant_id = '\(tenant)'"
            #expect(try await importing.system.count(noted) == 1)
            let plain = "SELECT count(*) FROM connections WHERE connections::text LIKE '%fernet-access%'"
            #expect(try await importing.system.count(plain) == 0)
        }
    }

    @Test func `tokens under numbered keys are taken over, and one whose key is missing is refused`() async throws {
        try await ImportSystem.with { importing in
            let keys = try importing.write(
                "keys", "1:\(String(repeating: "00", count: 32))\n2:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
            let (ada, bob, eve) = (TenantID.make(), TenantID.make(), TenantID.make())
            func line(_ tenant: TenantID, _ access: String) -> String {
                ImportSystem.line(
                    tenant,
                    ["access_token": Self.quoted(access), "refresh_token": Self.quoted(Self.versionedRefresh)])
            }
            let answer = try await importing.take(
                [
                    line(ada, Self.versionedAccess), line(bob, "v3" + Self.versionedAccess.dropFirst(2)),
                    line(eve, "v1" + Self.versionedAccess.dropFirst(2)),
                ], ["--versioned-key-file", keys])
            #expect(answer.status == 65)
            let lines = Set(answer.output.split(separator: "\n"))
            #expect(lines.contains("line 2: access_token is sealed by a key of another number"))
            #expect(lines.contains("line 3: access_token is not sealed by any of these keys, or was changed"))
            #expect(lines.contains("1 imported, 0 updated, 0 kept as they are, 2 refused"))
            let made = try await importing.only(ada)
            #expect(made.accessToken == "ya29.versioned-access" && made.refreshToken == "1//versioned-refresh")
        }
    }

    @Test func `a repeated line changes nothing, a newer one does, and an older one takes nothing back`() async throws {
        try await ImportSystem.with { importing in
            let tenant = TenantID.make()
            func line(_ access: String, _ end: Double) -> String {
                ImportSystem.line(
                    tenant,
                    ["access_token": Self.quoted(access), "expires_at": Self.quoted(ImportSystem.time(end))])
            }
            let first = line("a1", 1_000)
            #expect(try await importing.take([first, first]).output.hasPrefix("1 imported, 0 updated, 1 kept"))
            #expect(try await importing.take([first]).output.hasPrefix("0 imported, 0 updated, 1 kept"))
            #expect(try await importing.take([line("a2", 3_000)]).output.hasPrefix("0 imported, 1 updated, 0 kept"))
            // As when it was renewed here since the file was written.
            #expect(
                try await importing.take([first, line("a3", 2_000)]).output.hasPrefix("0 imported, 0 updated, 2 kept"))
            let now = try await importing.only(tenant)
            #expect(now.accessToken == "a2" && now.connection.tokenVersion == 2)
        }
    }

    @Test func `without an end, only a connection that works no more gets other tokens`() async throws {
        try await ImportSystem.with { importing in
            let tenant = TenantID.make()
            func line(_ access: String) -> String {
                ImportSystem.line(
                    tenant,
                    [
                        "provider": #""notion""#, "access_token": Self.quoted(access), "refresh_token": nil,
                        "expires_at": "null", "scopes": nil,
                    ])
            }
            #expect(try await importing.take([line("n1")]).status == 0)
            #expect(try await importing.only(tenant).connection.expiresAt == nil)
            #expect(try await importing.take([line("n2")]).output.hasPrefix("0 imported, 0 updated, 1 kept"))
            #expect(try await importing.only(tenant).accessToken == "n1")
            let broken = "UPDATE connections SET state = 'needs_reconnect', reason = 'invalid_grant'"
            _ = try await importing.system.owner.query(Statement("test.break", broken))
            #expect(try await importing.take([line("n1")]).output.hasPrefix("0 imported, 0 updated, 1 kept"))
            #expect(try await importing.take([line("n2")]).output.hasPrefix("0 imported, 1 updated, 0 kept"))
            let now = try await importing.only(tenant)
            #expect(now.accessToken == "n2" && now.connection.state == .active)
        }
    }

    @Test func `an access token that can be renewed and has no end is renewed at once`() async throws {
        try await ImportSystem.with { importing in
            let tenant = TenantID.make()
            _ = try await importing.take([ImportSystem.line(tenant, ["expires_at": nil])])
            let made = try await importing.only(tenant).connection
            #expect((made.renewAt ?? .distantFuture) <= Date() && (made.expiresAt ?? .distantFuture) <= Date())
        }
    }

    @Test func `bad lines are named with their reason and nothing of what they hold, and the others come`() async throws
    {
        try await ImportSystem.with { importing in
            let (tenant, hush) = (TenantID.make(), "hush-hush-hush")
            let bad: [(String, String)] = [
                ("not json \(hush)", "not a JSON object"), ("[\"\(hush)\"]", "not a JSON object"),
                (ImportSystem.line(tenant, ["tenant": Self.quoted(hush)]), "tenant must be a workspace's UUID"),
                (
                    ImportSystem.line(tenant, ["provider": Self.quoted(hush)]),
                    "provider must be one of google, microsoft, notion, canvas"
                ),
                (ImportSystem.line(tenant, ["account_id": nil]), "account_id must be 1 to 300 characters"),
                (ImportSystem.line(tenant, ["access_token": nil]), "access_token is missing"),
                (ImportSystem.line(tenant, ["access_token": #""\#(hush) two""#]), "access_token is no token"),
                (ImportSystem.line(tenant, ["refresh_token": #""\#(hush)\n""#]), "refresh_token is no token"),
                (
                    ImportSystem.line(tenant, ["expires_at": Self.quoted(hush)]),
                    "expires_at must be RFC 3339 or seconds since 1970"
                ),
                (
                    ImportSystem.line(tenant, ["provider": #""canvas""#, "host": #""10.0.0.1""#]),
                    "host must be the host name of the Canvas"
                ),
                (
                    ImportSystem.line(tenant, ["provider": #""canvas""#, "host": #""canvas.example.org""#]),
                    "host is not one of those that CANVAS_HOSTS allows"
                ),
                (
                    ImportSystem.line(tenant, ["host": Self.quoted(hush)]),
                    "host must be left out: Google has one for all"
                ),
                (
                    ImportSystem.line(tenant, ["connected_by": Self.quoted(hush)]),
                    "connected_by must be a person's UUID"
                ),
                (String(repeating: "x", count: 300_000), "longer than a line may be"),
            ]
            let good = [
                ImportSystem.line(tenant, ["expires_at": "\(Int(Date().timeIntervalSince1970) + 60)"]), "",
                ImportSystem.line(tenant, ["provider": #""canvas""#, "host": #""School.instructure.com""#]),
            ]
            let answer = try await importing.take(bad.map(\.0) + good)
            #expect(answer.status == 65)
            for (index, (_, reason)) in bad.enumerated() {
                #expect(answer.output.contains("line \(index + 1): \(reason)\n"), "\(reason)")
            }
            #expect(answer.output.contains("2 imported, 0 updated, 0 kept as they are, 14 refused"))
            #expect(!answer.output.contains(hush) && !answer.output.contains("plain-access"))
            let hosts = try await importing.opened(tenant).map(\.connection.host)
            #expect(Set(hosts) == [nil, "school.instructure.com"])
        }
    }

    @Test func `a rehearsal finds the same and writes nothing`() async throws {
        try await ImportSystem.with { importing in
            let tenant = TenantID.make()
            let lines = [ImportSystem.line(tenant), "nothing"]
            let answer = try await importing.take(lines, ["--plain", "--dry-run", "--json"])
            #expect(answer.status == 65)
            let json = #"{"imported":1,"updated":0,"kept":0,"refused":1,"dry_run":true}"#
            #expect(answer.output.split(separator: "\n").contains(Substring(json)), "\(answer.output)")
            for table in ["connections", "data_keys", "audit_events"] {
                #expect(try await importing.system.count("SELECT count(*) FROM \(table)") == 0)
            }
        }
    }

    @Test func `it wants to know how the tokens are kept, and keys that can be read`() async throws {
        try await ImportSystem.with { importing in
            #expect(try await importing.take([], []).status == 64)
            #expect(try await importing.take([], ["--plain", "--fernet-key-file", "x"]).status == 64)
            #expect(try await importing.take([], ["--fernet-key-file", "/nowhere"]).status == 78)
            let keys = try importing.write("bad", "not-a-key\n")
            let answer = try await importing.take([], ["--fernet-key-file", keys])
            #expect(answer.status == 78 && !answer.output.contains("not-a-key"))
            #expect(try await importing.system.operate("connections", "import", keys, "--plain").status == 78)
        }
    }
}
