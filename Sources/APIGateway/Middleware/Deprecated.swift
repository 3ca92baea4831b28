import FoundationEssentials
import HTTPTypes
import Hummingbird

/// Marks routes that are to go: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and what to use instead.
struct Deprecated: RouterMiddleware {
    typealias Context = GatewayContext

    /// Since when nobody should begin to use it.
    let since: Date
    /// From when on it may be gone. Not before `since`.
    let sunset: Date
    /// The path of what takes its place.
    let successor: String

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.deprecation] = "@\(Int(since.timeIntervalSince1970))"
        response.headers[.sunset] = Self.text(of: sunset)
        response.headers.append(HTTPField(name: .link, value: "<\(successor)>; rel=\"successor-version\""))
        return response
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`: RFC 9110 section 5.6.7.
    static func text(of date: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second, .weekday], from: date)
        func two(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
        let time = [parts.hour, parts.minute, parts.second].map(two).joined(separator: ":")
        let (day, month) = (days[(parts.weekday ?? 1) - 1], months[(parts.month ?? 1) - 1])
        return "\(day), \(two(parts.day)) \(month) \(parts.year ?? 0) \(time) GMT"
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}

extension HTTPField.Name {
    static let deprecation = HTTPField.Name("Deprecation")!
    static let sunset = HTTPField.Name("Sunset")!
    static let link = HTTPField.Name("Link")!
}
