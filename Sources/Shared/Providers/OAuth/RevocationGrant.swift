/// The tokens of a connection that is to end. With neither there is nothing to do.
package struct RevocationGrant: Sendable, Undisclosed {
    package var accessToken: String?
    package var refreshToken: String?
    package var host: String?

    package init(accessToken: String?, refreshToken: String?, host: String? = nil) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.host = host
    }
}
