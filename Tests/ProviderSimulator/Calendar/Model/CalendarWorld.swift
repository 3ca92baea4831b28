import Foundation
import Synchronization

/// All calendars, and who has which.
final class CalendarWorld: Sendable {
    private struct State: Sendable {
        var calendars: [String: SimulatedCalendar] = [:]
        var lists: [String: CalendarList] = [:]
    }
    private let state = Mutex(State())

    /// Back to the start: everybody has what they had first.
    func reset() { state.withLock { $0 = State() } }

    /// The calendar and the account's dealings with it; nil: there is none, or the account may not see it.
    /// - Parameter id: also `primary`.
    func calendar(_ id: String, of account: Account) -> (calendar: SimulatedCalendar, entry: CalendarList.Entry)? {
        let id = id == "primary" ? account.email : id
        return with(account) { list, calendars in
            guard let entry = list[id], !entry.isDeleted, let calendar = calendars[id] else { return nil }
            return (calendar, entry)
        }
    }

    /// - Parameter body: changes an account's list, and the calendars there are.
    func with<Result: Sendable>(
        _ account: Account, _ body: (inout CalendarList, inout [String: SimulatedCalendar]) -> Result
    ) -> Result {
        state.withLock { state in
            if state.lists[account.name] == nil { FirstCalendars.give(account, &state.lists, &state.calendars) }
            var list = state.lists[account.name] ?? CalendarList()
            defer { state.lists[account.name] = list }
            return body(&list, &state.calendars)
        }
    }

    func list(of account: Account) -> CalendarList { with(account) { list, _ in list } }

    func info(_ id: String) -> CalendarInfo? { state.withLock { $0.calendars[id] }?.info }

    /// An account's calendar by its id; made by an order, so that it is there before anybody asks.
    func give(_ calendars: [(SimulatedCalendar, CalendarList.Entry)], to account: Account) {
        with(account) { list, all in
            for (calendar, entry) in calendars {
                if all[calendar.id] == nil { all[calendar.id] = calendar }
                list.put(entry)
            }
        }
    }

    /// An account's calendars are these and no others.
    func replace(_ calendars: [(SimulatedCalendar, CalendarList.Entry)], of account: Account) {
        state.withLock { state in
            var list = state.lists[account.name] ?? CalendarList()
            list.epoch += 1
            for entry in list.entries { list.remove(entry.id) }
            for (calendar, entry) in calendars {
                state.calendars[calendar.id] = calendar
                list.put(entry)
            }
            state.lists[account.name] = list
        }
    }

    /// Takes a calendar from everybody.
    func delete(_ id: String) {
        state.withLock { state in
            state.calendars[id] = nil
            for name in state.lists.keys { state.lists[name]?.remove(id) }
        }
    }
}
