/// Where the mirror of a calendar is.
package enum CalendarState: String, Sendable {
    /// It has never been read to its end.
    case pending
    /// It was, and is brought up to date by what changed.
    case ready
    /// The provider does not let us read it any more; `reason` says why. It has no events here.
    case unavailable
}
