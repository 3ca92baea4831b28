/// Finds what a presented secret stands for, and keeps no secret: only digests.
///
/// A lookup compares digests, so the time it takes tells nothing about how much of a guess is right.
package struct KeyRing<Owner: Sendable>: Sendable {
    private var owners: [[UInt8]: Owner] = [:]

    package init() {}

    /// False when the secret is there already.
    package mutating func add(_ secret: String, for owner: Owner) -> Bool {
        let digest = Digest.sha256(secret.utf8)
        guard owners[digest] == nil else { return false }
        owners[digest] = owner
        return true
    }

    /// `nil` for an unknown secret.
    package func owner(of secret: String) -> Owner? { owners[Digest.sha256(secret.utf8)] }

    package var isEmpty: Bool { owners.isEmpty }
}
