/// Writes the text format, version 0.0.4.
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
struct ExpositionWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ table: FamilyTable) {
        for (name, family) in table.families.sorted(by: { $0.key < $1.key }) {
            append("# HELP \(name) ")
            bytes += Self.escaped(family.description.help, quotes: false)
            append("\n# TYPE \(name) ")
            append(family.kind.text)
            append("\n")
            write(family, name)
        }
    }

    /// `a="b",c="d"`, without braces.
    static func text(of labels: [(name: String, value: String)]) -> [UInt8] {
        var text: [UInt8] = []
        for (name, value) in labels {
            if !text.isEmpty { text.append(UInt8(ascii: ",")) }
            text += name.utf8
            text += "=\"".utf8
            text += escaped(value, quotes: true)
            text.append(UInt8(ascii: "\""))
        }
        return text
    }

    private mutating func write(_ family: FamilyTable.Family, _ name: String) {
        let bounds = family.description.buckets.map(Self.text)
        for (labels, series) in family.series {
            switch series {
            case .counter(let counter): line(name, labels, Self.text(counter.value))
            case .gauge(let gauge): line(name, labels, Self.text(gauge.value))
            case .histogram(let histogram): write(histogram.current, name, labels, bounds)
            }
        }
    }

    private mutating func write(
        _ distribution: HistogramSeries.Distribution, _ name: String, _ labels: [UInt8], _ bounds: [String]
    ) {
        var total: UInt64 = 0
        for (count, bound) in zip(distribution.counts, bounds + ["+Inf"]) {
            total += count
            let separator = labels.isEmpty ? "" : ","
            line(name + "_bucket", labels + "\(separator)le=\"\(bound)\"".utf8, String(total))
        }
        line(name + "_sum", labels, Self.text(distribution.sum))
        line(name + "_count", labels, String(total))
    }

    private mutating func line(_ name: String, _ labels: [UInt8], _ value: String) {
        append(name)
        if !labels.isEmpty {
            append("{")
            bytes += labels
            append("}")
        }
        append(" ")
        append(value)
        append("\n")
    }

    private mutating func append(_ text: String) { bytes += text.utf8 }

    private mutating func append(_ text: StaticString) { text.withUTF8Buffer { bytes += $0 } }

    /// A whole number has no decimal point, as in the format's own examples.
    static func text(_ value: Double) -> String {
        if let whole = Int(exactly: value), whole.magnitude < 1 << 53 { return String(whole) }
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value.description
    }

    private static func escaped(_ text: String, quotes: Bool) -> [UInt8] {
        var escaped: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): escaped += "\\\\".utf8
            case UInt8(ascii: "\n"): escaped += "\\n".utf8
            case UInt8(ascii: "\"") where quotes: escaped += "\\\"".utf8
            default: escaped.append(byte)
            }
        }
        return escaped
    }
}
