import Domain
import Foundation

/// A second calendar, of one of the first people's own.
struct FamilyLife {
    private var diary: Diary

    init(_ account: Account, _ info: CalendarInfo) {
        diary = Diary(info, owner: .init(email: info.id, name: info.title, isSelf: true))
    }

    consuming func contents() -> CalendarContents {
        let swimming = diary.add(
            "Swimming lesson", diary.day(5, week: -5), "10:00", minutes: 60, every: "FREQ=WEEKLY;BYDAY=SA",
            ["location": "Stadtbad"])
        diary.cancel(swimming, 2)
        diary.add("School pick-up", diary.day(2, week: -5), "15:15", minutes: 30, every: "FREQ=WEEKLY;BYDAY=WE,FR")
        diary.add("Mum’s birthday", diary.today.adding(days: 12), every: "FREQ=YEARLY", ["transparency": "transparent"])
        diary.add("Grandparents visiting", diary.day(4, week: 2), days: 3)
        diary.add("Parents’ evening", diary.workday(in: 6), "18:30", minutes: 90, ["location": "School, room 3b"])
        diary.add("Choir", diary.day(0, week: -7), "20:00", minutes: 120, every: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO")
        return diary.contents
    }
}
