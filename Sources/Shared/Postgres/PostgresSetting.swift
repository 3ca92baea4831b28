/// A setting that holds for one transaction: `set_config(name, value, true)`.
package struct PostgresSetting: Sendable, Hashable {
    package let name: String
    package let value: String

    /// `name`: a run-time parameter such as `errand.tenant`; `value`: bound, never part of the SQL text.
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
