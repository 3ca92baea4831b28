import Domain
import Store

/// The bodies of `/api/v1/tasks`.
enum TaskBody {
    static let statuses = "must be one of \(TaskStatus.allCases.map(\.rawValue).joined(separator: ", "))"
    static let days = "must be a day such as 2026-01-31"
    private static let owners = "must be a user's id"
    private static let titles = "must be one line of 1 to 300 characters, none of them a control character"
    private static let notes = "must be at most 10000 characters"

    private enum CodingKeys: String, CodingKey {
        case title, notes, status
        case dueDate = "due_date"
        case ownerID = "owner_id"
    }

    struct New: Decodable {
        var draft: Tasks.Draft

        init(from decoder: any Decoder) throws {
            var fields = FieldReader(try decoder.container(keyedBy: CodingKeys.self))
            draft = Tasks.Draft(
                title: try fields.required(.title, TaskBody.titles, PlainText.line(upTo: 300)) ?? "")
            draft.notes = try fields.present(.notes, TaskBody.notes, PlainText.body(upTo: 10_000)) ?? ""
            draft.status = try fields.present(.status, TaskBody.statuses, TaskStatus.init(rawValue:)) ?? .open
            draft.dueDate = try fields.value(.dueDate, TaskBody.days) { CalendarDay($0) }
            draft.owner = try fields.value(.ownerID, TaskBody.owners) { UserID($0) }
            try fields.finish()
        }
    }

    struct Changed: Decodable {
        var change = Tasks.Change()

        init(from decoder: any Decoder) throws {
            var fields = FieldReader(try decoder.container(keyedBy: CodingKeys.self))
            change.title = try fields.present(.title, TaskBody.titles, PlainText.line(upTo: 300))
            change.notes = try fields.present(.notes, TaskBody.notes, PlainText.body(upTo: 10_000))
            change.status = try fields.present(.status, TaskBody.statuses, TaskStatus.init(rawValue:))
            change.dueDate = try fields.clearable(.dueDate, TaskBody.days) { CalendarDay($0) }
            change.owner = try fields.clearable(.ownerID, TaskBody.owners) { UserID($0) }
            try fields.finish()
        }
    }
}
