/// What a calendar is apart from its events.
struct CalendarInfo: Sendable {
    /// An address: the owner's own for a primary calendar.
    let id: String
    var title: String
    var timeZone: String
    var description: String?
    /// The account whose it is; nil: nobody's here, such as a calendar of holidays.
    var owner: String?
}
