/// What the person decided.
struct ConsentAnswer: Sendable {
    let isAllowed: Bool
    let account: String
    /// The scopes that were ticked; nil: all that were asked for.
    private let ticked: [String]?

    /// The page's form; without it the person has said nothing.
    init?(form request: EndpointRequest) {
        let form = request.pageForm
        guard let decision = form["decision"] else { return nil }
        isAllowed = decision == "allow"
        account = form["account"] ?? ""
        ticked = form.all("scope")
    }

    /// `?auto=`; nil: a person is to decide.
    init?(query: FormBody) {
        guard let decision = query["auto"] else { return nil }
        isAllowed = decision == "allow"
        account = query["account"] ?? "ada"
        ticked = query["grant"].map { $0.split(separator: " ").map(String.init) }
    }

    /// What is granted of the scopes asked for. Who the person is goes with every consent.
    func chosen(of asked: [String]) -> [String] {
        guard let ticked else { return asked }
        return asked.filter { GoogleProvider.signInScopes.contains($0) || ticked.contains($0) }
    }
}
