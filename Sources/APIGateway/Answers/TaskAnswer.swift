import Domain
import HTTPTypes
import Hummingbird
import Store

/// A task as the API shows it.
struct TaskAnswer {
    let task: Tasks.Item

    init(_ task: Tasks.Item) { self.task = task }

    func writeFields(to object: inout JSONWriter) {
        object.field("id", task.id.description)
        object.field("title", task.title)
        object.field("notes", task.notes)
        object.field("status", task.status.rawValue)
        object.field("due_date", task.dueDate?.description)
        object.field("owner_id", task.owner?.description)
        object.field("company_id", task.company?.description)
        object.field("created_by", task.createdBy?.description)
        object.field("created_at", task.createdAt)
        object.field("updated_at", task.updatedAt)
        object.field("deleted_at", task.deletedAt)
        object.field("version", task.version)
    }

    /// With its ETag.
    func response(status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        var writer = JSONWriter()
        writer.object { writeFields(to: &$0) }
        var headers = headers
        headers[.eTag] = "\"v\(task.version)\""
        return .json(writer, status: status, headers: headers)
    }
}
