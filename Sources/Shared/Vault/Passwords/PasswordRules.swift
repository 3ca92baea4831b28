/// Which passwords are taken (NIST SP 800-63B section 3.1.1.2): long enough, not to be guessed from who the person is,
/// not known from a breach. Nothing is demanded of the kinds of characters.
package struct PasswordRules: Sendable {
    package static let defaultMinCharacters = 8
    private static let minDistinct = 5
    /// Words shorter than this are too likely to stand in a good password by accident.
    private static let minWordCharacters = 4

    private let minCharacters: Int
    private let product: String
    private let breached: BreachedPasswords?

    /// - Parameters:
    ///   - minCharacters: PASSWORD_MIN_LENGTH, in characters as people count them.
    ///   - breached: BREACHED_PASSWORDS_FILE; without it no look-up is made.
    package init(
        minCharacters: Int = defaultMinCharacters, product: String = "errand", breached: BreachedPasswords? = nil
    ) {
        self.minCharacters = minCharacters
        self.product = product
        self.breached = breached
    }

    /// Why the password is not taken; `nil` when it is.
    ///
    /// - Parameters:
    ///   - email: the person's whole address.
    ///   - name: the person's name, or empty.
    /// - Throws: as `BreachedPasswords.contains`: then nobody knows.
    package func refusal(of password: String, email: String, name: String = "") async throws -> PasswordRefusal? {
        if let refusal = plainRefusal(of: password, email: email, name: name) { return refusal }
        if let breached, try await breached.contains(password) { return .breached }
        return nil
    }

    /// All but the look-up.
    func plainRefusal(of password: String, email: String, name: String) -> PasswordRefusal? {
        if password.utf8.count > PasswordHasher.passwordBytes.upperBound { return .tooLong }
        if password.count < minCharacters { return .tooShort(minCharacters: minCharacters) }
        let plain = Array(password.lowercased())
        if Set(plain).count < Self.minDistinct { return .fewCharacters }
        if isPattern(plain) { return .pattern }
        let personal = personalWords(email, name)
        if isLittle(personal.reduce(plain) { rest, word in rest.without(word) }, of: plain) { return .personal }
        for spelling in [plain, plain.map(CommonWords.letter)] {
            if CommonWords.all.contains(where: { isLittle(spelling.without($0), of: spelling) }) { return .common }
        }
        return nil
    }

    private func personalWords(_ email: String, _ name: String) -> [String] {
        let local = email.lowercased().prefix { $0 != "@" }
        let domain = email.lowercased().drop { $0 != "@" }.dropFirst().prefix { $0 != "." }
        let parts = local.split { !$0.isLetter && !$0.isNumber } + name.lowercased().split { !$0.isLetter }
        return ([String(local), String(domain), name.lowercased(), product] + parts.map { String($0) })
            .filter { $0.count >= Self.minWordCharacters }
            .sorted { $0.count > $1.count }
    }

    /// Whether something was taken out of it and what is left would not do as a password.
    private func isLittle(_ rest: [Character], of password: [Character]) -> Bool {
        rest.count < password.count
            && (rest.count < minCharacters || Set(rest).count < Self.minDistinct || isPattern(rest))
    }

    private func isPattern(_ password: [Character]) -> Bool {
        repeatedPart(password) < min(minCharacters, password.count) || PasswordPieces.count(password) < Self.minPieces
    }

    private static let minPieces = 4

    /// The length of the shortest part that, written again and again, gives the whole.
    private func repeatedPart(_ password: [Character]) -> Int {
        (1...max(1, password.count)).first { length in
            password.indices.dropFirst(length).allSatisfy { password[$0] == password[$0 - length] }
        } ?? password.count
    }
}

extension [Character] {
    /// With every place cut out where the word stands.
    fileprivate func without(_ word: String) -> Self {
        let word = Array(word)
        var rest = self
        while let range = rest.firstRange(of: word) { rest.removeSubrange(range) }
        return rest
    }
}
