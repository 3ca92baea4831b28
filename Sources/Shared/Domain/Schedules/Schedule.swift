package import FoundationEssentials

/// A job that is made again and again.
package struct Schedule: Sendable {
    package var id: ScheduleID
    package var tenant: TenantID
    package var name: ScheduleName
    /// In the form that `ScheduleRule` reads.
    package var rule: String
    package var timeZone: String
    /// What it makes.
    package var specification: JobSpecification
    package var isPaused: Bool
    /// The first tick that was not fired yet.
    package var nextAt: Date
    package var lastFiredAt: Date?
    package var lastJob: JobID?
    /// Ticks that passed unnoticed, and that a later one answered for.
    package var coalesced: Int
    package var createdAt: Date
    package var updatedAt: Date

    package init(
        id: ScheduleID, tenant: TenantID, name: ScheduleName, rule: String, timeZone: String,
        specification: JobSpecification, isPaused: Bool, nextAt: Date, lastFiredAt: Date?, lastJob: JobID?,
        coalesced: Int, createdAt: Date, updatedAt: Date
    ) {
        self.id = id
        self.tenant = tenant
        self.name = name
        self.rule = rule
        self.timeZone = timeZone
        self.specification = specification
        self.isPaused = isPaused
        self.nextAt = nextAt
        self.lastFiredAt = lastFiredAt
        self.lastJob = lastJob
        self.coalesced = coalesced
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// A schedule's name among its tenant's: lower-case letters, digits, `_`, `.` and `-`, starting with a letter, 1 to 63
/// characters.
package struct ScheduleName: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// `nil` when the text is no such name.
    package init?(_ text: String) {
        func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
        let bytes = text.utf8
        guard (1...63).contains(bytes.count), bytes.first.map(isLetter) == true,
            bytes.allSatisfy({ isLetter($0) || (48...57).contains($0) || "_.-".utf8.contains($0) })
        else { return nil }
        rawValue = text
    }

    package var description: String { rawValue }
}

/// What is to be done about a schedule at some moment.
package enum ScheduleStep: Sendable, Equatable {
    /// Ticks have come: one job answers for them.
    case fire(DueTick)
    /// None has, or none that the rule still knows: the next one is then.
    case wait(until: Date)

    /// - Parameter nextAt: the first tick that was not fired.
    package init(_ rule: ScheduleRule, nextAt: Date, now: Date) {
        // Ticks are whole seconds, so a tick that is due lies strictly after the second before it.
        if let due = rule.due(lastFired: nextAt - 1, now: now) {
            self = .fire(due)
        } else {
            self = .wait(until: rule.nextFiring(after: now))
        }
    }
}
