import Domain
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import Store

/// `/api/v1/calendars/{id}/export.ics`: a calendar as a file for other programs.
struct ExportRoutes: Sendable {
    let parts: CalendarParts

    /// Events that are read, and held, at once.
    static let pageSize = 500

    func mount(on router: RouterGroup<GatewayContext>) {
        router.get("calendars/:id/export.ics", use: export)
    }

    @Sendable func export(_ request: Request, context: GatewayContext) async throws -> Response {
        let calendar = try await parts.find(context)
        let place = request.method == .head ? nil : try parts.streams.enter(context.requirePrincipal())
        let calendars = parts.calendars
        let body = ResponseBody { writer in
            var file = ICalendarExport(title: calendar.title, zone: calendar.zone, now: Date())
            try await writer.write(ByteBuffer(string: file.header()))
            let holes = try await Self.holes(calendar, calendars)
            try await Self.pages(calendar, calendars) { events in
                let text = events.map { file.component(of: $0, holes: holes[$0.id] ?? []) }.joined()
                try await writer.write(ByteBuffer(string: text))
            }
            try await writer.write(ByteBuffer(string: file.footer()))
            withExtendedLifetime(place) {}
            try await writer.finish(nil)
        }
        let headers: HTTPFields = [
            .contentType: "text/calendar; charset=utf-8", .cacheControl: "no-store",
            .contentDisposition: Self.attachment(calendar.title),
        ]
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Where each series has none of its occurrences: a master is written before its holes are met.
    private static func holes(
        _ calendar: MirroredCalendar, _ calendars: Calendars
    ) async throws -> [String: [EventMoment]] {
        var holes: [String: [EventMoment]] = [:]
        try await pages(calendar, calendars) { events in
            for event in events where event.status == .cancelled {
                if let series = event.series, let original = event.original {
                    holes[series, default: []].append(original)
                }
            }
        }
        return holes
    }

    private static func pages(
        _ calendar: MirroredCalendar, _ calendars: Calendars, _ body: ([CalendarEvent]) async throws -> Void
    ) async throws {
        var last: String?
        repeat {
            let page = try await calendars.page(
                of: calendar.id, after: last, tenant: calendar.tenant, limit: pageSize)
            try await body(page)
            last = page.count == pageSize ? page.last?.id : nil
        } while last != nil
    }

    /// Under the calendar's name: https://www.rfc-editor.org/rfc/rfc6266#section-4
    static func attachment(_ title: String) -> String {
        let plain = title.unicodeScalars.map { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)) ? Character(scalar) : "-"
        }
        let name = String(plain.prefix(60))
        let encoded = title.prefix(60).utf8.map { byte in
            isTokenByte(byte) ? String(UnicodeScalar(byte)) : "%" + hex(byte)
        }
        return "attachment; filename=\"\(name).ics\"; filename*=UTF-8''\(encoded.joined()).ics"
    }

    /// Letters and digits: less than `attr-char` of https://www.rfc-editor.org/rfc/rfc8187#section-3.2.1 lets stand.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }

    private static func hex(_ byte: UInt8) -> String {
        (String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)).uppercased()
    }
}
