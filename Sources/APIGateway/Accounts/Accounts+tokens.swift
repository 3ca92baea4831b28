import Domain
import FoundationEssentials
import Postgres
import Store
import Vault

extension Accounts {
    /// What a client of the token API holds.
    struct Tokens: Sendable {
        var access: String
        var refresh: String
        var expiresInSeconds: Int
    }

    /// - Parameter generation: of the refresh token.
    func tokens(for signIn: SignIn, generation: Int = 0) throws -> Tokens {
        let access = try credentials.access.issue(user: signIn.user.uuid, session: signIn.session.uuid)
        return Tokens(
            access: access.text,
            refresh: credentials.refresh.text(
                user: signIn.user.uuid, session: signIn.session.uuid, generation: generation),
            expiresInSeconds: access.expiresIn)
    }

    /// A new pair for a refresh token. See `Sessions.refresh` for which are taken.
    /// - Throws: `Problem` (400) with the codes of Supabase's clients.
    func refresh(_ text: String, from origin: Origin) async throws -> Tokens {
        guard let token = credentials.refresh.read(text) else {
            throw Problem.refreshRefused("refresh_token_not_found", "This is no refresh token of ours. Sign in again.")
        }
        let signIn = SignIn(user: UserID(token.user), session: SessionID(token.session))
        let presented = Refreshes.Presented(signIn: signIn, generation: token.generation, origin: origin)
        switch try await refreshes.advance(presented) {
        case .granted(let generation): return try tokens(for: signIn, generation: generation)
        case .reused:
            await standings.changed(signIn.user)
            throw Problem.refreshRefused(
                "refresh_token_already_used",
                "This refresh token was replaced some time ago: somebody else may hold it. Its session has been ended; "
                    + "sign in again.")
        case .ended: throw Problem.refreshRefused("session_expired", "The session has ended. Sign in again.")
        case .unknown: throw Problem.refreshRefused("session_not_found", "There is no such session. Sign in again.")
        }
    }
}
