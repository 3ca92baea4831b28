import Domain
import HTTPTypes
import Vault

/// What Google sends when a calendar that is watched changed: headers, and no body
/// (https://developers.google.com/workspace/calendar/api/guides/push#understanding-the-notification-message-format).
struct GoogleNotification: Sendable {
    let channel: ChannelID
    /// SHA-256 of the channel's secret.
    let digest: [UInt8]
    /// `nil`: it was not sent.
    let resource: String?
    /// The message that says no more than that the channel is open.
    let isFirst: Bool

    /// A token has at most 256 characters: https://developers.google.com/workspace/calendar/api/guides/push
    static let maxTokenBytes = 256
    static let maxResourceBytes = 1_000
    /// Nothing is sent, and nothing is read.
    static let maxBodyBytes = 1_024

    /// `nil`: it is none of ours, whatever it is.
    init?(_ headers: HTTPFields) {
        guard let token = Self.only(.googleChannelToken, headers, upTo: Self.maxTokenBytes),
            let channel = Self.only(.googleChannelID, headers, upTo: 64).flatMap({ ChannelID($0) })
        else { return nil }
        self.channel = channel
        digest = Digest.sha256(token.utf8)
        resource = Self.only(.googleResourceID, headers, upTo: Self.maxResourceBytes)
        if resource == nil, headers[.googleResourceID] != nil { return nil }
        isFirst = headers[.googleResourceState] == "sync"
    }

    /// The value of a header that stands there once, and is not empty.
    private static func only(_ name: HTTPField.Name, _ headers: HTTPFields, upTo maxBytes: Int) -> String? {
        let values = headers[values: name]
        guard values.count == 1, (1...maxBytes).contains(values[0].utf8.count) else { return nil }
        return values[0]
    }
}

extension HTTPField.Name {
    static let googleChannelID = HTTPField.Name("X-Goog-Channel-ID")!
    static let googleChannelToken = HTTPField.Name("X-Goog-Channel-Token")!
    static let googleResourceID = HTTPField.Name("X-Goog-Resource-ID")!
    static let googleResourceState = HTTPField.Name("X-Goog-Resource-State")!
}
