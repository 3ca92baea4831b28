import Domain
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads JSON bodies within bounds, and says field by field what is wrong with them.
enum BodyReader {
    /// The largest body of a request that says nothing else.
    static let maxBytes = 262_144

    /// - Throws: `Problem` (400, 411, 413, 415, 422).
    static func bytes(
        _ request: Request, upTo maxBytes: Int = maxBytes, isForm: Bool = false
    ) async throws -> [UInt8] {
        guard isForm || isJSON(request.headers[.contentType] ?? "application/json") else {
            throw Problem(
                status: .unsupportedMediaType, code: "unsupported_media_type",
                detail: "Send the body as application/json.")
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > maxBytes {
            throw tooLarge(maxBytes)
        }
        do {
            var buffer = try await request.body.collect(upTo: maxBytes)
            return buffer.readBytes(length: buffer.readableBytes) ?? []
        } catch is NIOTooManyBytesError {
            throw tooLarge(maxBytes)
        } catch let error where !(error is CancellationError) {
            throw Problem(
                status: .badRequest, code: "malformed_request", detail: "The body broke off or is not valid HTTP.",
                headers: [.connection: "close"])
        }
    }

    private static func isJSON(_ contentType: String) -> Bool {
        if contentType == "application/json" { return true }
        let type = contentType.split(separator: ";").first?.trimmingPrefix(while: { $0 == " " }).lowercased()
        return type == "application/json" || type?.hasSuffix("+json") == true
    }

    static func decode<Body: Decodable>(_ type: Body.Type, from bytes: [UInt8]) throws -> Body {
        guard !bytes.isEmpty else { throw Problem.malformed("The body is empty; send a JSON object.") }
        return try JSONDecoder().decode(type, from: Data(bytes))
    }

    /// The body as one value.
    static func read<Body: Decodable>(_ type: Body.Type, _ request: Request) async throws -> Body {
        try decode(type, from: try await bytes(request))
    }

    static func tooLarge(_ maxBytes: Int) -> Problem {
        Problem(
            status: .contentTooLarge, code: "body_too_large", detail: "The body is larger than \(maxBytes) bytes.",
            headers: [.connection: "close"])
    }

    /// Never repeats the value.
    static func problem(_ error: DecodingError) -> Problem {
        switch error {
        case .keyNotFound(let key, let context):
            return .invalid(path(context.codingPath + [key]), "is missing")
        case .typeMismatch(let type, let context):
            return .invalid(path(context.codingPath), "must be \(name(type))")
        case .valueNotFound(let type, let context):
            return .invalid(path(context.codingPath), "must be \(name(type)), not null")
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            return .invalid(path(context.codingPath), "is not valid: \(context.debugDescription)")
        case .dataCorrupted:
            return .malformed("The body is not valid JSON, or holds a number or text that does not fit its field.")
        @unknown default: return .malformed("The body cannot be read.")
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty ? "body" : keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }

    private static func name(_ type: Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Int.Type: "a whole number"
        case is Double.Type: "a number"
        case is Bool.Type: "true or false"
        default: "an object"
        }
    }
}
