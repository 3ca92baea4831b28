/// A static SQL text with `$1` parameters and the name that errors, logs and the server's prepared statements show.
package struct Statement: Sendable, Hashable {
    package let name: String
    package let sql: String

    /// `name`: unique in the program, words and underscores, at most 40 bytes count. `sql`: one statement.
    package init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }
}
