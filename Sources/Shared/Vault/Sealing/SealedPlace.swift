package import FoundationEssentials

/// Where a sealed value belongs. In any other place it does not open.
package struct SealedPlace: Hashable, Sendable {
    package let tenant: UUID
    /// The row: a connection, or the state of a connect.
    package let record: UUID
    /// Which of the row's values.
    package let field: String

    package init(tenant: UUID, record: UUID, field: String) {
        self.tenant = tenant
        self.record = record
        self.field = field
    }
}
