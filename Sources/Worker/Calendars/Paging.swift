import Domain

/// Keeps a reading that goes page by page from going on for ever.
struct Paging {
    private(set) var pages = 0
    private(set) var token: String?

    /// 2,000 pages of 2,500 events are 50 times what a mirror holds; short pages are legal.
    static let maxPages = 2_000

    var patience: CalendarCalls.Patience { pages == 0 ? .first : .midway }

    /// - Parameter token: of the next page.
    mutating func turn(to token: String) throws(Failure) {
        pages += 1
        guard pages < Self.maxPages, token != self.token else { throw .endlessPages }
        self.token = token
    }
}

extension Failure {
    static let endlessPages = Failure(
        .retry, code: "endless_pages", message: "The provider gives page after page without an end.")
    static let syncTokenMissing = Failure(
        .retry, code: "sync_token_missing", message: "The provider's last page has no token to go on with.")
    /// Another reading of the same has begun since this one did.
    static let syncSuperseded = Failure(
        .retry, code: "sync_superseded", message: "Another reading overtook this one.", retryAfterSeconds: 1,
        burnsAttempt: false)
}
