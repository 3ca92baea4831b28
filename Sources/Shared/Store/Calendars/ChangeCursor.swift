/// How far a reader of a calendar's changes is.
package struct ChangeCursor: Sendable, Hashable {
    /// The last change that was read.
    package var version: Int
    /// Of the calendar, when the reader began: it has seen nothing that was deleted before, and needs to hear of none.
    package var beginning: Int

    package init(version: Int, beginning: Int) {
        self.version = version
        self.beginning = beginning
    }
}

extension ChangeCursor: LosslessStringConvertible {
    /// `nil` for anything but what `description` writes.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 40, let version = Self.number(parts[0]),
            let beginning = Self.number(parts[1])
        else { return nil }
        self.init(version: version, beginning: beginning)
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }

    package var description: String { "\(version)-\(beginning)" }
}
