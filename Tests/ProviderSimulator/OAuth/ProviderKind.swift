/// The simulated OAuth providers; the raw value is the first part of their paths.
enum ProviderKind: String, CaseIterable, Sendable {
    case google, microsoft, notion, canvas

    var title: String {
        switch self {
        case .google: "Google"
        case .microsoft: "Microsoft"
        case .notion: "Notion"
        case .canvas: "Canvas"
        }
    }
}
