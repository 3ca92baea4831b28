package import FoundationEssentials

/// A UUID that knows what it identifies, so that a job's id cannot be passed where a tenant's is meant.
package struct Identifier<Subject>: Hashable, Sendable, Comparable {
    package let uuid: UUID

    package init(_ uuid: UUID) { self.uuid = uuid }

    /// Reads the usual 36-character form, in either case. `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 36, let uuid = UUID(uuidString: String(text)) else { return nil }
        self.uuid = uuid
    }

    package static func < (left: Self, right: Self) -> Bool { left.uuid < right.uuid }
}

extension Identifier: CustomStringConvertible {
    /// Lower-case, as PostgreSQL and the API print it.
    package var description: String {
        var bytes = uuid.uuid
        return withUnsafeBytes(of: &bytes) { raw in
            String(unsafeUninitializedCapacity: 36) { text in
                var position = 0
                for (index, byte) in raw.enumerated() {
                    if index == 4 || index == 6 || index == 8 || index == 10 {
                        text[position] = UInt8(ascii: "-")
                        position += 1
                    }
                    text[position] = Self.hexDigit(byte >> 4)
                    text[position + 1] = Self.hexDigit(byte & 15)
                    position += 2
                }
                return position
            }
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

extension Identifier: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a UUID"))
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Identifier {
    /// A new identifier that sorts by the time it was made (UUID version 7, RFC 9562 section 5.7).
    package static func make(
        at date: Date = Date(), random: inout some RandomNumberGenerator
    ) -> Self {
        let milliseconds = UInt64(max(0, date.timeIntervalSince1970) * 1000)
        let high = random.next() as UInt64
        let low = random.next() as UInt64
        func byte(_ value: UInt64, _ shift: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: value >> shift) }
        return Self(
            UUID(
                uuid: (
                    byte(milliseconds, 40), byte(milliseconds, 32), byte(milliseconds, 24), byte(milliseconds, 16),
                    byte(milliseconds, 8), byte(milliseconds, 0),
                    0x70 | (byte(high, 8) & 0x0f), byte(high, 0),
                    0x80 | (byte(low, 56) & 0x3f), byte(low, 48), byte(low, 40), byte(low, 32),
                    byte(low, 24), byte(low, 16), byte(low, 8), byte(low, 0)
                )))
    }

    package static func make() -> Self {
        var random = SystemRandomNumberGenerator()
        return make(random: &random)
    }
}

package enum JobSubject {}
package enum TenantSubject {}
package enum WorkerSubject {}
package enum ConversationSubject {}
package enum MessageSubject {}
package enum BatchSubject {}
package enum ScheduleSubject {}
package enum UserSubject {}
package enum SessionSubject {}
package enum CompanySubject {}
package enum InvitationSubject {}
package enum APIKeySubject {}
package enum TaskSubject {}
package enum AuditEventSubject {}
package enum ConnectionSubject {}
package enum AuthorizationSubject {}
package enum CalendarSubject {}
package enum ChannelSubject {}

package typealias JobID = Identifier<JobSubject>
package typealias TenantID = Identifier<TenantSubject>
/// One life of one worker process: a process that was declared dead and goes on gets a new one.
package typealias WorkerID = Identifier<WorkerSubject>
package typealias ConversationID = Identifier<ConversationSubject>
package typealias MessageID = Identifier<MessageSubject>
package typealias BatchID = Identifier<BatchSubject>
package typealias ScheduleID = Identifier<ScheduleSubject>
package typealias UserID = Identifier<UserSubject>
package typealias SessionID = Identifier<SessionSubject>
package typealias CompanyID = Identifier<CompanySubject>
package typealias InvitationID = Identifier<InvitationSubject>
package typealias APIKeyID = Identifier<APIKeySubject>
package typealias TaskID = Identifier<TaskSubject>
package typealias AuditEventID = Identifier<AuditEventSubject>
/// A connection to an account at a provider.
package typealias ConnectionID = Identifier<ConnectionSubject>
/// Somebody's visit to a provider's consent page.
package typealias AuthorizationID = Identifier<AuthorizationSubject>
/// A calendar of a connected account, as it is mirrored here.
package typealias CalendarID = Identifier<CalendarSubject>
/// A watch channel, by which a provider tells that a calendar changed.
package typealias ChannelID = Identifier<ChannelSubject>

extension Identifier where Subject == TenantSubject {
    /// A person's own workspace.
    package init(_ user: UserID) { self.init(user.uuid) }

    /// A company's workspace.
    package init(_ company: CompanyID) { self.init(company.uuid) }

    /// Owns the jobs that operators start for nobody in particular.
    package static let operators = Self(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
}
