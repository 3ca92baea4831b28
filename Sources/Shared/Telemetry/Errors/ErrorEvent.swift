internal import Domain
internal import FoundationEssentials
internal import Logging

/// One report: an envelope that holds one event. https://develop.sentry.dev/sdk/data-model/envelopes/ and
/// https://develop.sentry.dev/sdk/data-model/event-payloads/
struct ErrorEvent: Sendable {
    let id: String
    let record: LogRecord
    let file: String
    let line: Int

    init(_ record: LogRecord, file: String, line: Int) {
        id = UUID().uuidString.filter { $0 != "-" }.lowercased()
        (self.record, self.file, self.line) = (record, file, line)
    }

    func envelope(_ destination: ErrorDestination, service: String, sentAt: String) -> [UInt8] {
        let payload = payload(destination, service: service)
        var header = JSONWriter(capacity: 128)
        header.object { object in
            object.field("event_id", id)
            object.field("sent_at", sentAt)
        }
        var item = JSONWriter(capacity: 64)
        item.object { object in
            object.field("type", "event")
            object.field("content_type", "application/json")
            object.field("length", payload.count)
        }
        return header.bytes + [10] + item.bytes + [10] + payload + [10]
    }

    private func payload(_ destination: ErrorDestination, service: String) -> [UInt8] {
        var writer = JSONWriter(capacity: 1_024)
        writer.object { object in
            object.field("event_id", id)
            object.field("timestamp", record.time)
            object.field("platform", "other")
            object.field("level", record.level == .critical ? "fatal" : "error")
            object.field("logger", record.label)
            object.field("environment", destination.environment)
            object.field("release", "errand@\(destination.release)")
            object.field("server_name", service)
            object.key("logentry")
            object.object { $0.field("formatted", Self.impersonal(record.message)) }
            // What is the same place in the program is one issue, whatever its details say.
            object.key("fingerprint")
            object.array { array in
                for part in [record.label, file, String(line)] { array.string(part) }
            }
            writeFields(to: &object)
            writeTrace(to: &object)
            object.key("sdk")
            object.object { sdk in
                sdk.field("name", "errand")
                sdk.field("version", destination.release)
            }
        }
        return writer.bytes
    }

    /// Short ones can be searched for, as tags.
    private static let tags: Set<String> = ["code", "kind", "method", "queue", "request_id", "route", "status"]
    /// Says who somebody is.
    private static let personal: Set<String> = [
        "address", "email", "ip", "name", "path", "peer", "remote", "tenant", "user", "user_agent", "user_id",
    ]

    private func writeFields(to object: inout JSONWriter) {
        let fields = record.fields.filter { !Self.personal.contains($0.name) }
        object.key("tags")
        object.object { tags in
            tags.field("source", record.source)
            for (name, value) in fields where Self.tags.contains(name) && value.count <= 200 {
                tags.key(text: name)
                tags.string(Self.impersonal(value))
            }
        }
        object.key("extra")
        object.object { extra in
            extra.field("file", "\(file):\(line)")
            for (name, value) in fields where !Self.tags.contains(name) {
                extra.key(text: name)
                extra.string(Self.impersonal(String(value.prefix(4_000))))
            }
        }
    }

    private func writeTrace(to object: inout JSONWriter) {
        let values = Dictionary(record.fields.map { ($0.name, $0.value) }) { first, _ in first }
        guard let trace = values["trace_id"], let span = values["span_id"] else { return }
        object.key("contexts")
        object.object { contexts in
            contexts.key("trace")
            contexts.object { object in
                object.field("trace_id", trace)
                object.field("span_id", span)
            }
        }
    }

    /// Without addresses of mail.
    static func impersonal(_ text: String) -> String {
        guard text.contains("@") else { return text }
        return text.split(separator: " ", omittingEmptySubsequences: false)
            .map { $0.contains("@") ? "[address]" : String($0) }.joined(separator: " ")
    }
}
