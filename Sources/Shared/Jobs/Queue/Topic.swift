/// Something that jobs change and readers wait for, other than the job itself.
package struct Topic: RawRepresentable, Hashable, Sendable {
    /// `kind:id`, of letters, digits, `:` and `-`.
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}
