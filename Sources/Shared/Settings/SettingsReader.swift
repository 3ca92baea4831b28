package import Configuration

/// Reads configuration and says everything that is wrong with it at once, in words that say what to do.
///
/// A key `http.port` is the environment variable `HTTP_PORT`. Values are never repeated in messages: some are secrets.
package struct SettingsReader {
    private let configuration: ConfigReader
    private var problems: [String] = []

    package init(_ configuration: ConfigReader) { self.configuration = configuration }

    /// Reads the process's environment.
    package static func environment() -> SettingsReader {
        SettingsReader(ConfigReader(provider: EnvironmentVariablesProvider()))
    }

    /// `nil` when it is not set, or empty.
    package func optionalText(_ key: String) -> String? {
        guard let text = configuration.string(forKey: ConfigKey(key), isSecret: true), !text.isEmpty else { return nil }
        return text
    }

    package func text(_ key: String, default value: String) -> String { optionalText(key) ?? value }

    /// A value there is no default for.
    /// - Parameter hint: what to set it to.
    package mutating func requiredText(_ key: String, hint: String) -> String {
        if let text = optionalText(key) { return text }
        problems.append("\(Self.variable(key)) is not set: \(hint)")
        return ""
    }

    package mutating func int(_ key: String, default value: Int, in range: ClosedRange<Int>) -> Int {
        guard let text = optionalText(key) else { return value }
        guard let number = Int(text), range.contains(number) else {
            problems.append(
                "\(Self.variable(key)) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return value
        }
        return number
    }

    package mutating func double(_ key: String, default value: Double, in range: ClosedRange<Double>) -> Double {
        guard let text = optionalText(key) else { return value }
        guard let number = Double(text), range.contains(number) else {
            problems.append(
                "\(Self.variable(key)) must be a number from \(Int(range.lowerBound)) to \(Int(range.upperBound))")
            return value
        }
        return number
    }

    /// `true` or `false`.
    package mutating func bool(_ key: String, default value: Bool) -> Bool {
        switch optionalText(key)?.lowercased() {
        case nil: return value
        case "true": return true
        case "false": return false
        default:
            problems.append("\(Self.variable(key)) must be true or false")
            return value
        }
    }

    /// What a setting's text says. `nil` when it says nothing that can be used, which is then noted.
    package mutating func made<Value>(_ key: String, of text: String, _ make: (String) throws -> Value) -> Value? {
        do {
            return try make(text)
        } catch {
            report(key, "cannot be used: \(error)")
            return nil
        }
    }

    /// Notes a problem that only the caller can see.
    package mutating func report(_ key: String, _ problem: String) {
        problems.append("\(Self.variable(key)) \(problem)")
    }

    /// - Throws: `InvalidSettings` when anything was wrong.
    package func finish() throws(InvalidSettings) {
        if !problems.isEmpty { throw InvalidSettings(problems: problems) }
    }

    private static func variable(_ key: String) -> String {
        key.uppercased().replacing(".", with: "_")
    }
}

package struct InvalidSettings: Error, CustomStringConvertible, Equatable {
    package var problems: [String]

    package init(problems: [String]) { self.problems = problems }

    package var description: String { problems.joined(separator: "\n") }
}
