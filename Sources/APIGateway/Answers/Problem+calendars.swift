import Domain
import HTTPTypes
import Store

/// What the answer is when something could not be done with a calendar.
extension Problem {
    static func calendar(_ error: CalendarError) -> Problem {
        switch error {
        case .notFound: .notFound("calendar")
        case .cursorOver:
            Problem(
                status: .gone, code: "cursor_over",
                detail: "What changed since this cursor is not known any more. Read from the beginning, without one.")
        case .superseded:
            .unavailable("calendar_busy", "The calendar is being read anew. Try again in a few seconds.")
        case .tooManyEvents, .unreadableRow:
            Problem(
                status: .internalServerError, code: "internal_error",
                detail: "The calendar cannot be read here. Report the request id.")
        }
    }

    static let calendarReadOnly = Problem(
        status: .forbidden, code: "calendar_read_only",
        detail:
            "The account may only read this calendar. Use one whose access_role is owner or writer, or have its owner "
            + "share it for changes.")

    /// - Parameter calendar: one that the provider does not let us read.
    static func calendarUnavailable(_ calendar: MirroredCalendar) -> Problem {
        Problem(
            status: .conflict, code: "calendar_unavailable",
            detail:
                "The provider does not let this calendar be read: \(calendar.reason ?? "unknown"). Check there that it "
                + "is shared with the account, then start a sync.")
    }

    static let calendarNotSelected = Problem(
        status: .conflict, code: "calendar_not_selected",
        detail: #"This calendar is not mirrored. Send PATCH with {"selected": true} to have it, first."#)

    /// An unknown channel, a wrong secret and a missing header look the same.
    static let noChannel = notFound("channel")
}
