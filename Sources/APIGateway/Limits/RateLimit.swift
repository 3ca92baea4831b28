/// So many requests in a sliding window.
struct RateLimit: Sendable, Hashable {
    let quota: Int
    let seconds: Int

    /// How finely the script tells time apart: a refusal lasts at most a twentieth of the window too long.
    static let slots = 20

    init(_ quota: Int, per seconds: Int) {
        precondition(quota > 0 && seconds > 0, "a limit that nothing passes is no limit")
        (self.quota, self.seconds) = (quota, seconds)
    }

    /// From `100/60`: requests, a slash, seconds; up to 1,000,000 in up to a day. `nil` for everything else.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let quota = Self.digits(parts[0]), let seconds = Self.digits(parts[1]),
            (1...1_000_000).contains(quota), (1...86_400).contains(seconds)
        else { return nil }
        self.init(quota, per: seconds)
    }

    private static func digits(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }
}
