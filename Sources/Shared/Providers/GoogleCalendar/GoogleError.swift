import FoundationEssentials

/// An error in the two forms that Google's APIs give it, often both at once:
/// - `{"error": {"code", "message", "errors": [{"domain", "reason", "location"}]}}`
///   (https://developers.google.com/workspace/calendar/api/guides/errors)
/// - `{"error": {"code", "message", "status", "details": [{"@type", "reason", "metadata"}]}}`
///   (https://google.aip.dev/193)
///
/// The message is read to recognise what has no reason of its own. It never leaves this module.
struct GoogleError: Equatable {
    /// Of `errors`, then of `details`.
    var reasons: [String] = []
    var domain: String?
    /// The parameter or field that is wrong.
    var location: String?
    /// Such as `PERMISSION_DENIED`.
    var status: String?
    var message: String?
    /// Which quota is used up, such as `1/min/{project}/{user}`.
    var quotaUnit: String?

    /// It is no error of Google's; a proxy's page, for instance.
    var isEmpty: Bool { self == GoogleError() }

    /// What may be told to people: a word, never a text.
    var word: String? {
        (reasons + [status].compactMap { $0 }).first { Self.isWord($0) }
    }

    func mentions(_ wanted: Set<String>) -> Bool { reasons.contains(where: wanted.contains) }

    static func isWord(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "._".utf8.contains(byte)
            }
    }
}

extension GoogleError {
    /// Never fails: what cannot be read is an empty error.
    init(body: [UInt8]) {
        self = (try? JSONDecoder().decode(Body.self, from: Data(body)))?.error ?? GoogleError()
    }

    private struct Body: Decodable {
        var error: GoogleError

        private enum CodingKeys: String, CodingKey { case error }
        private enum ErrorKeys: String, CodingKey { case message, status, errors, details }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
                .nestedContainer(keyedBy: ErrorKeys.self, forKey: .error)
            let items = (try? container.decodeIfPresent([Lenient<Item>].self, forKey: .errors)) ?? []
            let details = (try? container.decodeIfPresent([Lenient<Detail>].self, forKey: .details)) ?? []
            error = GoogleError()
            error.reasons = items.compactMap(\.value?.reason) + details.compactMap(\.value?.reason)
            error.domain = items.first?.value?.domain
            error.location = items.first?.value?.location
            error.status = try? container.decodeIfPresent(String.self, forKey: .status)
            error.message = try? container.decodeIfPresent(String.self, forKey: .message)
            error.quotaUnit = details.compactMap { $0.value?.metadata?["quota_unit"] }.first
        }
    }

    private struct Item: Decodable {
        var domain: String?
        var reason: String?
        var location: String?
    }

    private struct Detail: Decodable {
        var reason: String?
        var metadata: [String: String]?
    }
}

/// A member of a list that does not spoil the list when it cannot be read.
struct Lenient<Value: Decodable>: Decodable {
    /// `nil`: it could not be read.
    var value: Value?
    /// Its `id`, when that much could be.
    var id: String?

    private enum CodingKeys: String, CodingKey { case id }

    init(from decoder: any Decoder) {
        value = try? Value(from: decoder)
        if value == nil {
            id = try? decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(String.self, forKey: .id)
        }
    }
}
