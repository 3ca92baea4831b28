/// One statement of a round trip.
struct PipelineStep: Sendable {
    let statement: Statement
    let parameters: EncodedParameters

    init(_ statement: Statement, _ values: [PostgresValue] = []) throws(PostgresError) {
        self.statement = statement
        parameters = try EncodedParameters(values, of: statement)
    }

    static let setting = Statement(
        "set_config", "select set_config(n, v, true) from unnest($1::text[], $2::text[]) as s(n, v)")

    /// No step at all when there is nothing to set.
    static func settings(_ settings: [PostgresSetting]) throws(PostgresError) -> [PipelineStep] {
        if settings.isEmpty { return [] }
        return [try PipelineStep(setting, [.texts(settings.map(\.name)), .texts(settings.map(\.value))])]
    }
}
