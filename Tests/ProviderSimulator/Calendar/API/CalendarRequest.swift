import Foundation
import HTTPTypes
import Hummingbird

/// One request of the calendar API, read whole.
struct CalendarRequest: Sendable {
    private static let maxBodyBytes = 4 << 20

    let method: CalendarMethod
    let headers: HTTPFields
    let query: FormBody
    let body: Data
    let calendarID: String?
    let eventID: String?

    init(_ request: Request, _ context: SimulatorContext, _ method: CalendarMethod) async throws {
        self.method = method
        headers = request.headers
        query = FormBody(request.uri.query ?? "")
        body = Data(try await request.body.collect(upTo: Self.maxBodyBytes).readableBytesView)
        calendarID = Self.decoded(context.parameters.get("calendar"))
        eventID = Self.decoded(context.parameters.get("event"))
    }

    private static func decoded(_ text: String?) -> String? { text.map { $0.removingPercentEncoding ?? $0 } }

    /// The body's object, held to its shape.
    func object(_ shape: BodyShape) throws(CalendarRefusal) -> JSONValue {
        guard headers[.contentType]?.lowercased().hasPrefix("application/json") == true else {
            throw .badRequest("Content-Type must be application/json")
        }
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: body), case .object = value else {
            throw .unparsableBody
        }
        try shape.check(value)
        return value
    }

    /// - Throws: 412 when `If-Match` names another version.
    func checkMatch(_ etag: String) throws(CalendarRefusal) {
        guard let wanted = headers[.ifMatch] else { return }
        if wanted != "*", !Self.tags(wanted).contains(etag) { throw .conditionNotMet }
    }

    /// Whether the client has this version already.
    func has(_ etag: String) -> Bool {
        headers[.ifNoneMatch].map { $0 == "*" || Self.tags($0).contains(etag) } ?? false
    }

    private static func tags(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
