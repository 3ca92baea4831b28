import Foundation
import Hummingbird

/// The tests' side of the calendar simulation, below `/_simulator/calendar`. `account` is an account's name, `calendar`
/// a calendar's id or `primary`.
///
///     POST   populate  {"accounts":["ada"] or "prefix","count","calendars"?,"events"?,"seed"?,"time_zone"?}: accounts
///                      PREFIX1 … PREFIXcount where they are not there, each with so many calendars (the primary one
///                      among them) of so many events, which take the place of what they had
///     POST   calendars {"account","id"?,"title","time_zone"?,"role"?,"description"?}
///     DELETE calendars ?calendar=: for everybody
///     POST   share     {"account","calendar","role"}: puts it in the account's list, or changes the role
///     POST   unshare   {"account","calendar"}
///     POST   events    {"account","calendar","events":[Event, …]}: as the account inserts them; its answer has the ids
///     PATCH  events    {"account","calendar","event","patch":Event}
///     DELETE events    {"account","calendar","event"}
///     POST   mutate    {"account","calendar","count"?,"seed"?,"kinds"?}: so many changes of any kind; see
///                      `CalendarMutation.Kind`
///     GET    truth     ?account= &calendar=: events by id, as who has read everything has them, holes included;
///                      without `calendar` the entries of the account's list by id
///     POST   expire    {"account"?,"calendar"?,"list"?}: sync tokens end (410); "list":true: those of the list too
///     POST   settings  {"sync_token_seconds"?,"deleted_details"?,"channel_seconds"?}
///     POST   pages     {"account"?,"cap"?,"random"?,"empty"?,"seed"?}: how pages are cut, see `PageSizes`
///     DELETE pages
///     POST   quotas    {"project"?,"user"?,"window_seconds"?,"status"?}: null for no limit; forgets what was used
///     GET    quotas    limits, refusals, and the most requests there were in one window
///     POST   notifications {"loss"?,"duplication"?,"delay_ms"?,"seed"?}
///     GET    notifications counts
///     GET    channels  ?account= ?calendar= ?open=true
///     POST   channels/expire {"account"?,"calendar"?}
///     POST   faults    {"kind","account"?,"calendar"?,"method"?,"sync_token"?,"page_token"?,"times"?,"probability"?,
///                      "seed"?,"retry_after"?}: see `CalendarFault` and `CalendarMethod`
///     DELETE faults
///     POST   resume    lets go what `pause` and `pause_after` hold
///     GET    calls     ?account= ?calendar= ?method= ?outcome= ?paused=true ?finished=true ?sync_token=true|false
///                      ?count= &wait=: waits up to so many seconds until so many fit
///     GET    counts    calls by method and outcome, by account and method; ?account= one alone
///     DELETE calls
///     DELETE (nothing) all of it, back to the start
struct CalendarControlRoutes: Sendable {
    let accounts: Accounts
    let world: CalendarWorld
    let channels: Channels
    let settings: CalendarSettings
    let quotas: CalendarQuotas
    let faults: CalendarFaults
    let log: CalendarCallLog

    func add(to router: Router<SimulatorContext>) {
        let group = router.group("_simulator/calendar")
        addChanges(to: group)
        addReading(to: group)
        addBehaviour(to: group)
        group.delete("") { _, _ in
            faults.removeAll()
            log.removeAll()
            channels.removeAll()
            quotas.reset()
            settings.reset()
            world.reset()
            return HTTPResponse.Status.noContent
        }
    }

    // MARK: Reading what is asked

    /// - Parameter body: reads the request's object and says what was done.
    func change(_ request: Request, _ body: (JSONValue) throws -> JSONValue) async throws -> Response {
        let bytes = Data(try await request.body.collect(upTo: 64 << 20).readableBytesView)
        do {
            guard let value = try? JSONDecoder().decode(JSONValue.self, from: bytes) else {
                throw APIError.unparsableBody
            }
            return ChatRoutes.json(try body(value).rendered)
        } catch let error as APIError {
            return error.response()
        } catch let refusal as CalendarRefusal {
            return CalendarReply(refusal).response()
        }
    }

    func text(_ name: String, _ body: JSONValue) throws(APIError) -> String {
        guard let text = body[name]?.text, !text.isEmpty else { throw .unreadable(name) }
        return text
    }

    func account(_ name: String?) throws(APIError) -> Account {
        guard let name, let account = accounts.with({ $0.accounts[name] }) else { throw .unreadable("account") }
        return account
    }

    func calendar(_ id: String?, _ account: Account) throws(APIError) -> (SimulatedCalendar, CalendarList.Entry) {
        guard let id, let found = world.calendar(id, of: account) else { throw .unreadable("calendar") }
        return found
    }

    func calendar(_ body: JSONValue) throws(APIError) -> (Account, SimulatedCalendar, CalendarList.Entry) {
        let account = try account(body["account"]?.text)
        let (calendar, entry) = try calendar(body["calendar"]?.text ?? "primary", account)
        return (account, calendar, entry)
    }
}
