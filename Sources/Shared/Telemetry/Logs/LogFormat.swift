internal import Domain
internal import FoundationEssentials
internal import Logging

/// How a process writes its log, one record a line.
enum LogFormat: String, Sendable, CaseIterable {
    /// For people.
    case text
    /// For machines: one JSON object.
    case json

    /// A line without its end. Nothing in it is a credential, and nothing in a record can begin a new line.
    func line(_ record: LogRecord) -> [UInt8] {
        switch self {
        case .text: Self.text(record)
        case .json: Self.json(record)
        }
    }

    private static func text(_ record: LogRecord) -> [UInt8] {
        var line = "\(record.time) \(record.level) \(record.label):"
        for (name, value) in record.fields { line += " \(name)=\(value)" }
        line += " [\(record.source)] \(record.message)"
        return line.utf8.flatMap { $0 < 32 || $0 == 127 ? escaped($0) : [$0] }
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case 9: [9]
        case 10: Array("\\n".utf8)
        case 13: Array("\\r".utf8)
        default: Array("\\x\(String(byte >> 4, radix: 16))\(String(byte & 15, radix: 16))".utf8)
        }
    }

    private static let ownNames: Set<String> = ["time", "level", "logger", "source", "message"]

    private static func json(_ record: LogRecord) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { object in
            object.field("time", record.time)
            object.field("level", record.level.rawValue)
            object.field("logger", record.label)
            object.field("message", record.message)
            object.field("source", record.source)
            for (name, value) in record.fields {
                object.key(text: ownNames.contains(name) ? "metadata." + name : name)
                object.string(value)
            }
        }
        return writer.bytes
    }
}

/// One record as it may leave the process: redacted, its metadata flat.
struct LogRecord: Sendable {
    /// RFC 3339, in milliseconds.
    let time: String
    let level: Logger.Level
    let label: String
    let message: String
    let source: String
    /// In the order of their names.
    let fields: [(name: String, value: String)]

    init(_ event: LogEvent, label: String, metadata: Logger.Metadata, at date: Date = Date()) {
        time = Self.text(of: date)
        level = event.level
        self.label = label
        message = Redaction.text("\(event.message)")
        source = event.source
        var metadata = metadata
        if let error = event.error { metadata["error"] = metadata["error"] ?? "\(error)" }
        var fields: [(name: String, value: String)] = []
        Self.flatten(metadata, below: "", into: &fields)
        self.fields = fields.sorted { $0.name < $1.name }
    }

    /// Names that mean the same everywhere; `nil` is left out.
    private static func name(_ name: String) -> String? {
        switch name {
        case "request": "request_id"
        case "hb.request.id": nil
        default: name
        }
    }

    private static func flatten(
        _ metadata: Logger.Metadata, below path: String, into fields: inout [(name: String, value: String)]
    ) {
        for (key, value) in metadata {
            guard let name = name(path + key) else { continue }
            if Redaction.isSecret(name: key) {
                fields.append((name, Redaction.mark))
            } else if case .dictionary(let inner) = value {
                flatten(inner, below: name + ".", into: &fields)
            } else {
                fields.append((name, Redaction.text("\(value)")))
            }
        }
    }

    private static func text(of date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
