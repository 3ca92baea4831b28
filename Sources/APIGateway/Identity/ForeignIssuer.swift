import Domain
import Foundation
import HTTPTransport
import Logging
import Store
import Vault

/// Supabase as an issuer of tokens.
struct ForeignIssuer: Sendable {
    private let tokens: ForeignTokens
    private let logger: Logger

    /// - Parameter transport: fetches the published keys.
    /// - Throws: `VaultError` for a secret that cannot be used.
    init(_ settings: SupabaseSettings, transport: HTTPTransport, logger: Logger) async throws {
        self.logger = logger
        let address = ForeignTokens.keysURL(ofProject: settings.url)
        tokens = try await ForeignTokens(projectURL: settings.url, secret: settings.secret, logger: logger) {
            try await Self.fetch(address, transport)
        }
    }

    /// What a valid token says about a person. `nil` for any other token.
    /// - Throws: `Problem` (503) when the keys that tell cannot be had.
    func claim(of text: String) async throws -> (claim: Identities.Claim, expiresAt: Date)? {
        do {
            let claims = try await tokens.verify(text)
            guard let email = claims.email.flatMap({ EmailAddress($0) }) else { return nil }
            let claim = Identities.Claim(
                issuer: claims.issuer, subject: claims.subject.uuidString.lowercased(), email: email,
                isVerified: claims.isEmailVerified)
            return (claim, claims.expiresAt)
        } catch TokenRefusal.keysUnavailable {
            throw Problem.unavailable("keys_unavailable", "The keys of Supabase cannot be had now. Try again shortly.")
        } catch {
            logger.debug("foreign token refused", metadata: ["reason": "\(error)"])
            return nil
        }
    }

    private static let maxBytes = 262_144

    private static func fetch(_ address: String, _ transport: HTTPTransport) async throws -> [UInt8] {
        let deadlines = HTTPDeadlines(
            connect: .seconds(2), firstByte: .seconds(3), silence: .seconds(3), total: .seconds(5))
        let response = try await transport.send(HTTPRequest(url: address, deadlines: deadlines))
        guard response.status == 200 else { throw KeysNotPublished(status: response.status) }
        return try await response.body.collect(upTo: maxBytes)
    }

    private struct KeysNotPublished: Error {
        var status: Int
    }
}
