package import Domain

/// Why the Calendar API did not do what it was asked, classified once, by the reason that Google names:
/// https://developers.google.com/workspace/calendar/api/guides/errors
package enum CalendarFault: Error, Sendable, Equatable {
    /// The sync or page token is not good any more: everything has to be read again, without one.
    case tokenOver
    /// There is no such calendar or event, or the account may not know of it.
    case notFound
    /// The account may not do this. In Google's word, such as `forbidden` or `forbiddenForNonOrganizer`; `scopeMissing`
    /// when the connection was never granted it.
    case denied(reason: String)
    /// The access token is not accepted: it has to be renewed.
    case unauthorised
    /// Too many requests. Nothing was done. `seconds`: what Google asks to wait; `nil` when it does not say. The reason
    /// is Google's word, or `projectQuota`.
    case quota(seconds: Double?, reason: String)
    /// Something of this id is there already.
    case duplicate
    /// The event is not in the version that was named.
    case changed
    /// The event has been deleted already.
    case gone
    /// Anything else. `unknownOutcome`, code `write_unknown`, when a write may have been done and the answer was lost:
    /// read it back.
    case other(Failure)

    /// The connection lacks a scope that this takes.
    package static let scopeMissing = "scope_missing"
    /// The quota that is used up is not one person's: it is everybody's who uses this service.
    package static let projectQuota = "projectRateLimitExceeded"

    /// Whether it is the whole project that has to wait, rather than one account.
    package var isOfProject: Bool {
        guard case .quota(_, let reason) = self else { return false }
        return reason == Self.projectQuota || reason == "dailyLimitExceeded"
    }
}
