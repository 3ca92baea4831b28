import Domain
import FoundationEssentials

/// The `failure` column: a `Failure` as a JSON object.
enum FailureColumn {
    static func encode(_ failure: Failure) -> [UInt8] {
        var writer = JSONWriter(capacity: 160)
        writer.object { object in
            object.field("kind", failure.kind.rawValue)
            object.field("code", failure.code)
            object.field("message", failure.message)
            object.field("burns_attempt", failure.burnsAttempt)
            if let waitsFor = failure.waitsFor { object.field("waits_for", waitsFor) }
            if let seconds = failure.retryAfterSeconds, seconds.isFinite {
                object.field("retry_after_seconds", Int(seconds.rounded(.up)))
            }
        }
        return writer.bytes
    }

    static func decode(_ json: [UInt8]) throws -> Failure {
        do {
            return try JSONDecoder().decode(Failure.self, from: Data(json))
        } catch {
            throw JobStoreError.unreadableRow(column: "failure")
        }
    }
}
