import Domain
import Foundation

/// The primary calendar of one of the first people.
struct WorkingLife {
    private var diary: Diary
    private let account: Account
    private static let colleagues = ["Ada Lovelace", "Grace Hopper", "Alan Turing"]

    init(_ account: Account, _ info: CalendarInfo) {
        self.account = account
        diary = Diary(info, owner: .init(email: account.email, isSelf: true))
    }

    /// The one of the first people with whom this one talks.
    private var colleague: String {
        account.name == "grace" ? "Ada Lovelace" : "Grace Hopper"
    }
    private var friend: String { account.name == "alan" ? "Ada" : "Alan" }

    consuming func contents() -> CalendarContents {
        addRoutine()
        addMeetings()
        addDays()
        return diary.contents
    }

    private mutating func addRoutine() {
        let standUp = diary.add(
            "Stand-up", diary.day(0, week: -8), "09:30", minutes: 15, every: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
            ["hangoutLink": "https://meet.google.com/stu-ndup-sim", "location": "Room 2.14"])
        diary.cancel(standUp, 6)
        let talk = diary.add(
            "1:1 with \(colleague.split(separator: " ")[0])", diary.day(1, week: -6), "14:00", minutes: 30,
            every: "FREQ=WEEKLY;BYDAY=TU", ["attendees": people([account.title, colleague])])
        diary.move(talk, 0, to: diary.moment(diary.workday(in: 3), "11:00"))
        diary.cancel(talk, 1)
        diary.add("Sprint planning", diary.day(0, week: -2), "13:00", minutes: 90, every: "FREQ=WEEKLY;INTERVAL=2")
        diary.add(
            "Focus: no meetings", diary.day(3, week: -3), "10:00", minutes: 120, every: "FREQ=WEEKLY;BYDAY=TH",
            ["colorId": "8"])
        diary.add(
            "Team retrospective", diary.day(4, week: -4), "15:30", minutes: 60, every: "FREQ=MONTHLY;BYDAY=-1FR",
            ["description": "What went well, what did not, what we try next."])
    }

    private mutating func addMeetings() {
        diary.add(
            "Lunch with \(friend)", diary.workday(in: 1), "12:30", minutes: 60,
            ["location": "Café Einstein, Kurfürstenstraße 58", "transparency": "opaque"])
        diary.add("Dentist", diary.workday(in: 5), "08:15", minutes: 45, ["visibility": "private"])
        diary.add(
            "Architecture review: calendar mirror", diary.workday(in: 2), "16:00", minutes: 60,
            ["attendees": people(Self.colleagues), "description": "Read the draft before. Bring objections."])
        diary.add(
            "Vendor demo", diary.workday(in: 4), "11:00", minutes: 45,
            by: .init(email: "sales@vendor.example", name: "Vera Vendor", isSelf: false),
            [
                "attendees": [
                    .members([
                        "email": "sales@vendor.example", "displayName": "Vera Vendor", "organizer": .bool(true),
                        "responseStatus": "accepted",
                    ]),
                    .members([
                        "email": .string(account.email), "self": .bool(true), "responseStatus": "declined",
                    ]),
                ]
            ])
        diary.add("Interview: platform engineer", diary.workday(in: 8), "10:30", minutes: 60, ["location": "Room 1.02"])
        diary.add("Quarterly review", diary.workday(in: 11), "14:00", minutes: 120)
    }

    private mutating func addDays() {
        diary.add("Day off", diary.workday(in: 9), ["transparency": "opaque"])
        let trip = diary.workday(in: 16)
        diary.add("Trip to Lisbon", trip, days: 3, ["location": "Lisbon", "transparency": "transparent"])
        diary.add(
            "Flight TP 535 BER → LIS", from: diary.moment(trip, "06:50", "Europe/Berlin"),
            to: diary.moment(trip, "09:35", "Europe/Lisbon"),
            ["location": "Berlin Brandenburg, Terminal 1", "description": "Booking SIM51ED, seat 14A"])
        diary.add(
            "Flight TP 530 LIS → BER", from: diary.moment(trip.adding(days: 2), "18:05", "Europe/Lisbon"),
            to: diary.moment(trip.adding(days: 2), "22:35", "Europe/Berlin"), ["location": "Lisbon, Terminal 1"])
        diary.add(
            "Pay day", diary.day(0, week: -20), every: "FREQ=MONTHLY;BYMONTHDAY=-1", ["transparency": "transparent"])
    }

    /// All of whom have said yes but the last.
    private func people(_ names: [String]) -> JSONValue {
        .array(
            names.map { name in
                let email = (name.split(separator: " ").first ?? "someone").lowercased() + "@example.com"
                let isMe = email == account.email
                var members: [JSONValue.Member] = [
                    .init(name: "email", value: .string(email)), .init(name: "displayName", value: .string(name)),
                ]
                if isMe {
                    members.append(.init(name: "organizer", value: .bool(true)))
                    members.append(.init(name: "self", value: .bool(true)))
                }
                let response = isMe ? "accepted" : name == names.last ? "tentative" : "accepted"
                members.append(.init(name: "responseStatus", value: .string(response)))
                return .object(members)
            })
    }
}
