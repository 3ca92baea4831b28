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

    /// A text of 1 to 300 characters, without the one that the database cannot store.
    mutating func key(_ key: Key) throws -> String? {
        guard let text = try container.decodeIfPresent(String.self, forKey: key) else { return nil }
        let scalars = text.unicodeScalars
        if (1...JobSpecification.maxKeyLength).contains(scalars.count), !scalars.contains("\0") { return text }
        report(key, "must be 1 to \(JobSpecification.maxKeyLength) characters, none of them U+0000")
        return nil
    }

    /// A value that reads itself from text.
    mutating func value<Value>(_ key: Key, _ expected: String, _ read: (String) -> Value?) throws -> Value? {
        guard let text = try container.decodeIfPresent(String.self, forKey: key) else { return nil }
        guard let value = read(text) else {
            report(key, expected)
            return nil
        }
        return value
    }
}
