import Foundation
import Synchronization

/// The channels, and what goes out on them.
final class Channels: Sendable {
    private struct State: Sendable {
        var channels: [String: NotificationChannel] = [:]
        var idsOfCalendar: [String: [String]] = [:]
    }
    private let state = Mutex(State())
    let sender: NotificationSender
    /// Whether the account may still see the calendar.
    private let isReadable: @Sendable (_ calendar: String, _ account: String) -> Bool

    init(
        sender: NotificationSender, isReadable: @escaping @Sendable (_ calendar: String, _ account: String) -> Bool
    ) {
        self.sender = sender
        self.isReadable = isReadable
    }

    /// The channel begins with its `sync` message.
    /// - Throws: 400 for an id that was used before, also by a channel that has ended.
    func open(_ channel: NotificationChannel) throws(CalendarRefusal) {
        let key = Self.key(channel.id, channel.clientID)
        var channel = channel
        channel.number = 1
        let isNew = state.withLock { [channel] state in
            if state.channels[key] != nil { return false }
            state.channels[key] = channel
            state.idsOfCalendar[channel.calendar, default: []].append(key)
            return true
        }
        guard isNew else {
            throw CalendarRefusal(
                status: 400, reason: "channelIdNotUnique", message: "Channel id \(channel.id) not unique")
        }
        sender.send(channel, state: "sync")
    }

    /// - Throws: 404 for a channel that is not there, or no longer, or is of another resource.
    func stop(id: String, resourceID: String, clientID: String) throws(CalendarRefusal) {
        let key = Self.key(id, clientID)
        let isKnown = state.withLock { state in
            guard let channel = state.channels[key], channel.resourceID == resourceID, channel.isOpen(at: Date())
            else { return false }
            state.channels[key]?.isStopped = true
            state.idsOfCalendar[channel.calendar]?.removeAll { $0 == key }
            return true
        }
        guard isKnown else {
            throw CalendarRefusal(
                status: 404, reason: "notFound", message: "Channel '\(id)' not found for project '\(clientID)'")
        }
    }

    /// Tells who watches a calendar; channels are not renewed, so those that ended are told nothing.
    func changed(_ calendar: String) {
        let now = Date()
        let open = state.withLock { state in
            (state.idsOfCalendar[calendar] ?? []).compactMap { key -> NotificationChannel? in
                guard state.channels[key]?.isOpen(at: now) == true else { return nil }
                state.channels[key]?.number += 1
                return state.channels[key]
            }
        }
        for channel in open where isReadable(calendar, channel.account) { sender.send(channel, state: "exists") }
    }

    /// Ends channels before their time.
    /// - Returns: how many.
    func expire(account: String?, calendar: String?) -> Int {
        state.withLock { state in
            let keys = state.channels.filter { _, channel in
                (account ?? channel.account) == channel.account && (calendar ?? channel.calendar) == channel.calendar
                    && channel.isOpen(at: Date())
            }.keys
            for key in keys { state.channels[key]?.isStopped = true }
            return keys.count
        }
    }

    var all: [NotificationChannel] { state.withLock { Array($0.channels.values) } }

    func removeAll() {
        state.withLock { $0 = State() }
        sender.reset()
    }

    private static func key(_ id: String, _ clientID: String) -> String { "\(clientID)\u{1F}\(id)" }
}
