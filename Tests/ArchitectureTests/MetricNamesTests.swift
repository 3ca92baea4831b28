import Foundation
import Testing

/// A metric that nobody has described says nothing on a dashboard, so every name in the sources has its help text.
@Suite struct MetricNamesTests {
    private static var use: Regex<(Substring, Substring)> {
        /(?:Counter|Timer|Gauge|Meter|Recorder|Sample|gauge|depth)\(\s*(?:label: )?"(errand_[a-z_]+)"/
    }
    private static var description: Regex<(Substring, Substring)> { /"(errand_[a-z_]+)":/ }

    private static func names(_ pattern: Regex<(Substring, Substring)>, _ text: String) -> [String] {
        text.matches(of: pattern).map { String($0.1) }
    }

    @Test func `every metric of the sources is described, and every description is of one`() throws {
        var used = Set<String>()
        var described = Set<String>()
        for file in try SourceFile.all(below: "Sources") where file.path.hasSuffix(".swift") {
            used.formUnion(Self.names(Self.use, file.text))
            described.formUnion(Self.names(Self.description, file.text))
        }
        #expect(used.count > 20, "the sources were not found")
        #expect(used.subtracting(described).sorted() == [])
        #expect(described.subtracting(used).sorted() == [])
    }
}
