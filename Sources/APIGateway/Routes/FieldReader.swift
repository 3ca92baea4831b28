import Domain

/// Reads the fields of a JSON object within bounds, and notes everything that is wrong with them. What has the wrong
/// type throws `DecodingError` at once.
struct FieldReader<Key: CodingKey> {
    private let container: KeyedDecodingContainer<Key>
    private var problems: [InvalidCommand.Problem] = []

    init(_ container: KeyedDecodingContainer<Key>) { self.container = container }

    mutating func report(_ key: Key, _ message: String) {
        problems.append(below(.init(field: key.stringValue, message: message)))
    }

    /// A problem within this object, named as the body's reader knows it.
    func below(_ problem: InvalidCommand.Problem) -> InvalidCommand.Problem {
        let path = container.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        return .init(field: (path + [problem.field]).joined(separator: "."), message: problem.message)
    }

    var invalid: InvalidCommand { InvalidCommand(problems) }

    /// - Throws: `InvalidCommand` when anything was wrong.
    func finish() throws { if !problems.isEmpty { throw invalid } }

    mutating func int(_ key: Key, in range: ClosedRange<Int>) throws -> Int? {
        guard let number = try container.decodeIfPresent(Int.self, forKey: key) else { return nil }
        if range.contains(number) { return number }
        report(key, "must be \(range.lowerBound) to \(range.upperBound)")
        return nil
    }

    mutating func number(_ key: Key, in range: ClosedRange<Double>) throws -> Double? {
        guard let number = try container.decodeIfPresent(Double.self, forKey: key) else { return nil }
        if range.contains(number) { return number }
        report(key, "must be \(Int(range.lowerBound)) to \(Int(range.upperBound))")
        return nil
    }

    /// A text of 1 to 300 characters.
    mutating func key(_ key: Key) throws -> String? {
        let lengths = 1...JobSpecification.maxKeyLength
        return try value(key, "must be 1 to \(lengths.upperBound) characters") { text in
            lengths.contains(text.unicodeScalars.count) ? text : nil
        }
    }

    /// A key that a client gives its jobs.
    mutating func jobKey(_ field: Key) throws -> String? {
        guard let key = try key(field) else { return nil }
        if ReservedKey.isReserved(key) {
            report(field, "must not begin with \(ReservedKey.prefix), as the keys of Errand's own jobs do")
        }
        return key
    }

    /// A value that reads itself from text.
    mutating func value<Value>(_ key: Key, _ expected: String, _ read: (String) -> Value?) throws -> Value? {
        try container.decodeIfPresent(String.self, forKey: key).flatMap { value(of: $0, key, expected, read) }
    }

    /// Every text that is read here comes this way.
    private mutating func value<Value>(
        of text: String, _ key: Key, _ expected: String, _ read: (String) -> Value?
    ) -> Value? {
        let isStorable = StoredText.accepts(text)
        if isStorable, let value = read(text) { return value }
        report(key, isStorable ? expected : StoredText.refusal)
        return nil
    }

    /// An e-mail address there must be.
    mutating func email(_ key: Key) throws -> EmailAddress? {
        guard let text = try container.decodeIfPresent(String.self, forKey: key) else {
            report(key, "is missing")
            return nil
        }
        return value(of: text, key, "must be an e-mail address") { EmailAddress($0) }
    }

    /// The longest password, in bytes of UTF-8.
    static var maxPasswordBytes: Int { 1024 }

    /// A password there must be. Whether it is a good one is not looked at here; it is hashed, never stored.
    mutating func password(_ key: Key) throws -> String? {
        guard let text = try container.decodeIfPresent(String.self, forKey: key) else {
            report(key, "is missing")
            return nil
        }
        if (1...Self.maxPasswordBytes).contains(text.utf8.count) { return text }
        report(key, "must be 1 to \(Self.maxPasswordBytes) bytes")
        return nil
    }

    /// What somebody may be in a company; nothing, until `finish` throws, when it is wrong.
    mutating func role(_ key: Key) throws -> Role {
        let names = Role.allCases.map(\.rawValue).joined(separator: ", ")
        return try required(key, "must be one of \(names)", Role.init(rawValue:)) ?? .viewer
    }

    /// A value that must be there.
    mutating func required<Value>(_ key: Key, _ expected: String, _ read: (String) -> Value?) throws -> Value? {
        value(of: try container.decode(String.self, forKey: key), key, expected, read)
    }

    /// A value that may be left out, but not be null.
    mutating func present<Value>(_ key: Key, _ expected: String, _ read: (String) -> Value?) throws -> Value? {
        container.contains(key) ? try required(key, expected, read) : nil
    }

    /// A value that may be left out; `.some(nil)`: it is null, which takes away what there was.
    mutating func clearable<Value>(_ key: Key, _ expected: String, _ read: (String) -> Value?) throws -> Value?? {
        guard container.contains(key) else { return nil }
        if try container.decodeNil(forKey: key) { return .some(nil) }
        return .some(try required(key, expected, read))
    }
}

/// Texts as the API takes them. (What a name may be, `NameRule` says.)
enum PlainText {
    private static let breaks: Set<Unicode.GeneralCategory> = [.control, .lineSeparator, .paragraphSeparator]

    /// A line to read: within so many characters as the database counts them, with something to see in it, and without
    /// control characters, line breaks among them, and what turns the direction of the text around it.
    static func line(upTo max: Int) -> (String) -> String? {
        { text in
            let scalars = text.unicodeScalars
            let isLine = scalars.allSatisfy { !breaks.contains($0.properties.generalCategory) && !turnsDirection($0) }
            return scalars.count <= max && isLine && scalars.contains(where: \.isVisible) ? text : nil
        }
    }

    /// The embeddings, overrides and isolates of Unicode's bidirectional algorithm.
    private static func turnsDirection(_ scalar: Unicode.Scalar) -> Bool {
        ("\u{202A}"..."\u{202E}").contains(scalar) || ("\u{2066}"..."\u{2069}").contains(scalar)
    }

    /// Anything, also nothing.
    static func body(upTo max: Int) -> (String) -> String? {
        { text in text.unicodeScalars.count <= max ? text : nil }
    }
}
