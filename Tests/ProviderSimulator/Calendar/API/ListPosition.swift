import Foundation

/// Where in which list a request stands, by its tokens and after their checks.
struct ListPosition: Sendable {
    /// What the list is now.
    struct Source: Sendable {
        var name: String
        var version: Int
        var epoch: Int
    }

    /// nil: a full list.
    var since: Int?
    var until: Int
    var window: ListToken.ClosedWindow
    var cursor: ListToken.Cursor?
    private let source: Source
    /// What a page is bound to, and what a sync token is.
    private let pageDigest: String
    private let syncDigest: String

    /// - Parameters:
    ///   - forbidden: parameters that may not come with a sync token.
    ///   - tokenSeconds: how long sync tokens live; nil: for ever.
    init(
        _ parameters: CalendarParameters, _ source: Source, forbidden: [String], tokenSeconds: Double?,
        now: Date = Date()
    ) throws(CalendarRefusal) {
        self.source = source
        pageDigest = parameters.digest(without: ["pageToken", "syncToken"])
        syncDigest = parameters.digest(without: Set(forbidden + ["pageToken", "syncToken"]))
        var base: ListToken?
        if let text = parameters["syncToken"] {
            if let name = forbidden.first(where: parameters.has) {
                throw .badRequest("Sync token cannot be used with the parameter \(name).")
            }
            if parameters.isFalse("showDeleted") || parameters.isFalse("showHidden") {
                throw .badRequest("Sync token cannot be used with showDeleted or showHidden set to false.")
            }
            base = try Self.token(text, .sync, "syncToken", source, syncDigest)
            if let base { try Self.check(base, source, tokenSeconds, now) }
        }
        guard let text = parameters["pageToken"] else {
            since = base?.until
            until = source.version
            window = base?.window ?? .init(min: parameters.date("timeMin"), max: parameters.date("timeMax"))
            return
        }
        let page = try Self.token(text, .page, "pageToken", source, pageDigest)
        // Paging an incremental list repeats the sync token beside the page token, and paging a full one has none.
        guard page.since == base?.until else {
            throw .invalid("pageToken", "The page token does not belong to the sync token of the request.")
        }
        if page.since != nil { try Self.check(page, source, tokenSeconds, now) }
        since = page.since
        until = page.until
        window = page.window
        cursor = page.cursor
    }

    private static let otherParameters =
        "The token was made for a request with other parameters; all but the tokens must stay the same."

    private static func token(
        _ text: String, _ kind: ListToken.Kind, _ name: String, _ source: Source, _ digest: String
    ) throws(CalendarRefusal) -> ListToken {
        let label = kind == .sync ? "sync" : "page"
        guard let token = ListToken(text), token.kind == kind, token.list == source.name else {
            throw .invalid(name, "Invalid \(label) token value.")
        }
        guard token.digest == digest else { throw .invalid(name, otherParameters) }
        return token
    }

    private static func check(
        _ token: ListToken, _ source: Source, _ seconds: Double?, _ now: Date
    ) throws(CalendarRefusal) {
        let isOld = seconds.map { now.timeIntervalSince(token.issuedAt) > $0 } ?? false
        if isOld || token.epoch != source.epoch { throw .fullSyncRequired }
    }

    func pageToken(after cursor: ListToken.Cursor, now: Date = Date()) -> String {
        token(.page, cursor, now).text
    }

    var syncToken: String { token(.sync, nil, Date()).text }

    private func token(_ kind: ListToken.Kind, _ cursor: ListToken.Cursor?, _ now: Date) -> ListToken {
        ListToken(
            kind: kind, list: source.name, digest: kind == .page ? pageDigest : syncDigest,
            since: kind == .page ? since : nil, until: until,
            epoch: source.epoch, issuedAt: now, window: window, cursor: cursor)
    }
}
