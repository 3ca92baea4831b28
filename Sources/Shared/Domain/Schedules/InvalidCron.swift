/// What is wrong with a schedule.
package struct InvalidCron: Error, Sendable, Equatable, CustomStringConvertible {
    /// `minute`, `hour`, `day_of_month`, `month`, `day_of_week`; `expression` for all of them; `time_zone`; `every`.
    package var field: String
    /// Says what to do. Never repeats the value.
    package var message: String

    package init(field: String, message: String) {
        self.field = field
        self.message = message
    }

    package var description: String { "\(field): \(message)" }
}
