/// What a caller names when it asks for a metric: as given, before any name is made valid. Asking costs one hash and
/// no allocation.
struct SeriesKey: Hashable {
    let kind: MetricKind
    let label: String
    let dimensions: [(String, String)]

    static func == (left: Self, right: Self) -> Bool {
        guard left.kind == right.kind, left.dimensions.count == right.dimensions.count, left.label == right.label
        else { return false }
        for index in left.dimensions.indices where left.dimensions[index] != right.dimensions[index] { return false }
        return true
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(kind.rawValue)
        hasher.combine(label)
        for (name, value) in dimensions {
            hasher.combine(name)
            hasher.combine(value)
        }
    }
}
