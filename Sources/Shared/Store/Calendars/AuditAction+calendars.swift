extension AuditAction {
    /// What was written at the provider for somebody; the subject is `event:<calendar>:<event>`.
    package static let eventCreated = Self(rawValue: "calendar.event_created")
    package static let eventChanged = Self(rawValue: "calendar.event_changed")
    package static let eventDeleted = Self(rawValue: "calendar.event_deleted")
}
