import Crypto
import Foundation

/// What a page token or a sync token says, in a form that means nothing to clients. Both are bound to the list and to
/// the parameters that they come from.
struct ListToken: Sendable {
    enum Kind: String, Sendable { case page, sync }

    var kind: Kind
    /// Whose list of what.
    var list: String
    /// `CalendarParameters.digest` of the first request.
    var digest: String
    /// The list's version that the client has; nil: a full list.
    var since: Int?
    /// The version at the list's first page, from which the next list goes on.
    var until: Int
    var epoch: Int
    var issuedAt: Date
    /// The window of the full list, which the lists after it keep.
    var window: ClosedWindow = .init()
    /// Behind which item the page begins; nil: at the first.
    var cursor: Cursor?

    struct Cursor: Sendable, Comparable {
        var key: UInt64
        var id: String

        static func < (one: Cursor, other: Cursor) -> Bool {
            one.key == other.key ? one.id < other.id : one.key < other.key
        }
    }

    /// `timeMin` and `timeMax`.
    struct ClosedWindow: Sendable, Equatable {
        var min: Date?
        var max: Date?
    }

    private static let secret = SymmetricKey(size: .bits128)
    private static let separator = "\u{1F}"

    /// Base64 with all of its characters, so that who does not encode it in an address loses it.
    var text: String {
        func number(_ date: Date?) -> String { date.map { String($0.timeIntervalSince1970) } ?? "" }
        let parts = [
            kind.rawValue, list, digest, since.map(String.init) ?? "", String(until), String(epoch), number(issuedAt),
            number(window.min), number(window.max), cursor.map { String($0.key) } ?? "", cursor?.id ?? "",
        ]
        let bytes = Data(parts.joined(separator: Self.separator).utf8)
        return (Self.seal(bytes) + bytes).base64EncodedString()
    }

    private static func seal(_ bytes: Data) -> Data {
        Data(HMAC<SHA256>.authenticationCode(for: bytes, using: secret).prefix(8))
    }

    /// nil: it was not made here.
    init?(_ text: String) {
        guard let bytes = Data(base64Encoded: text), bytes.count > 8, Self.seal(bytes.dropFirst(8)) == bytes.prefix(8)
        else { return nil }
        let parts = String(decoding: bytes.dropFirst(8), as: UTF8.self).components(separatedBy: Self.separator)
        guard parts.count == 11, let kind = Kind(rawValue: parts[0]), let until = Int(parts[4]),
            let epoch = Int(parts[5]), let issuedAt = Double(parts[6])
        else { return nil }
        func date(_ text: String) -> Date? { Double(text).map(Date.init(timeIntervalSince1970:)) }
        self.init(
            kind: kind, list: parts[1], digest: parts[2], since: Int(parts[3]), until: until, epoch: epoch,
            issuedAt: Date(timeIntervalSince1970: issuedAt),
            window: .init(min: date(parts[7]), max: date(parts[8])),
            cursor: UInt64(parts[9]).map { Cursor(key: $0, id: parts[10]) })
    }

    init(
        kind: Kind, list: String, digest: String, since: Int?, until: Int, epoch: Int, issuedAt: Date,
        window: ClosedWindow = .init(), cursor: Cursor? = nil
    ) {
        self.kind = kind
        self.list = list
        self.digest = digest
        self.since = since
        self.until = until
        self.epoch = epoch
        self.issuedAt = issuedAt
        self.window = window
        self.cursor = cursor
    }
}
