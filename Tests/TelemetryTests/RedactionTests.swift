import Foundation
import Logging
import Testing

@testable import Telemetry

@Suite struct RedactionTests {
    private static let secrets = [
        "errand_Zk3v9QmT0aB1cD2eF3gH4iJ5", "ert_AAECAwQFBgcICQoLDA0ODw", "est_AAECAwQFBgcICQoLDA0ODw",
        "evt_0123456789abcdefABCDEF", "ept_0123456789abcdefABCDEF", "eit_0123456789abcdefABCDEF",
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLWJ5dGVz", "sk-proj0123456789ABCDEFGH",
        "hunter2-and-more", "c2VjcmV0OnNlY3JldA==",
    ]

    /// Where a secret can stand; `%` is its place.
    private static let texts = [
        "Authorization: Bearer %", "authorization=Basic %", "Cookie: a=b; __Host-errand-session=%",
        "the token bearer % was refused", "password=%", "password = '%'", #"{"password": "%", "a": 1}"#,
        #"{"refreshToken":"%"}"#, "https://user:%@example.com/x?y=z", "postgresql://errand_gateway:%@db/errand",
        "redis://:%@127.0.0.1:6379/0", "X-CSRF-Token: %", "api_key=%&x=y", "client_secret: %, more", "SENTRY_DSN=%",
        "set-cookie: s=%; HttpOnly",
    ]

    @Test func `no credential is left in a text, wherever it stands`() {
        for text in Self.texts {
            for secret in Self.secrets {
                let line = Redaction.text(text.replacing("%", with: secret))
                #expect(!line.contains(secret), "\(line)")
                #expect(line.contains(Redaction.mark))
            }
        }
    }

    @Test func `what has the form of a credential goes without a name before it, too`() {
        for secret in Self.secrets.prefix(8) {
            for text in ["%", "took % from the header", "(%)", "\"%\"", "a=%,b", "/verify?t=%"] {
                #expect(!Redaction.text(text.replacing("%", with: secret)).contains(secret), "\(text)")
            }
        }
    }

    @Test(arguments: [
        "password authentication failed for user errand_gateway", "errand_http_requests_total is a metric",
        "connect to https://example.com/path@2 failed", "input_tokens=120 output_tokens=7", "tokens: 12",
        "job 01a1ff94-e0c3-71dc-94e4-49c84a2d62e4 of kind chat.answer", "the token is gone", "mail to a@example.com",
        "basic rules", "key: abc", "attempt=1 state=failed", "", "é://", "bearer",
    ])
    func `what is no credential stays`(text: String) {
        #expect(Redaction.text(text) == text)
    }

    @Test(arguments: [
        ("password", true), ("X-CSRF-Token", true), ("refreshToken", true), ("api_key", true), ("Set-Cookie", true),
        ("client_secret", true), ("APIKEY", true), ("tokens", false), ("input_tokens", false), ("key", false),
        ("keyboard", false), ("tokenizer", false), ("job", false),
    ])
    func `names of secrets`(name: String, isSecret: Bool) {
        #expect(Redaction.isSecret(name: name) == isSecret)
    }
}

@Suite struct LogFormatTests {
    private static func record(_ message: Logger.Message, _ metadata: Logger.Metadata) -> LogRecord {
        let event = LogEvent(
            level: .error, message: message, metadata: nil, source: "Tests", file: "f", function: "g", line: 1)
        return LogRecord(event, label: "gateway", metadata: metadata, at: Date(timeIntervalSince1970: 1_795_219_200.25))
    }

    @Test func `a JSON line is one object with flat fields`() throws {
        let record = Self.record(
            "it \"broke\"\nhere",
            [
                "request": "r-1", "hb.request.id": "x", "level": "high", "trace_id": "t",
                "inner": ["password": "geheim", "depth": "2"], "list": ["a", "b"],
            ])
        let line = LogFormat.json.line(record)
        #expect(!line.contains(10))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: String])
        #expect(
            object == [
                "time": "2026-11-21T00:00:00.250Z", "level": "error", "logger": "gateway",
                "message": "it \"broke\"\nhere", "source": "Tests", "request_id": "r-1", "metadata.level": "high",
                "trace_id": "t", "inner.password": Redaction.mark, "inner.depth": "2", "list": "[\"a\", \"b\"]",
            ])
    }

    @Test func `nobody can write a line of their own into the log`() {
        let record = Self.record("path /\r\n2026 info gateway: forged", ["path": "/\n\u{1b}[31m"])
        for format in LogFormat.allCases {
            let line = format.line(record)
            #expect(!line.contains { $0 < 32 })
        }
    }

    @Test func `both formats are redacted`() {
        let record = Self.record(
            "got Authorization: Bearer abcdef0123456789", ["cookie": "x=geheim", "error": "redis://:geheim@h"])
        for format in LogFormat.allCases {
            let line = String(decoding: format.line(record), as: UTF8.self)
            #expect(!line.contains("geheim") && !line.contains("abcdef0123456789"))
        }
    }
}
