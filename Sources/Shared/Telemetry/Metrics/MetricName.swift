/// Makes the names that code uses valid and conventional for Prometheus.
/// https://prometheus.io/docs/practices/naming/
enum MetricName {
    /// `a.bC` as a counter is `a_b_c_total`; only counters end so. The endings under which a histogram writes its
    /// parts belong to histograms.
    static func metric(_ label: String, _ kind: MetricKind) -> String {
        var name = snakeCase(label)
        if kind == .counter { return name.hasSuffix("_total") ? name : name + "_total" }
        if name.hasSuffix("_total") { name.removeLast("_total".count) }
        let reserved = ["_bucket", "_count", "_sum"].contains { name.hasSuffix($0) }
        return reserved || name.isEmpty ? name + "_value" : name
    }

    /// Names with two underscores in front, `le` and `quantile` belong to Prometheus.
    static func label(_ dimension: String) -> String {
        let name = snakeCase(dimension)
        return name.hasPrefix("__") || name == "le" || name == "quantile" ? "label_" + name.drop { $0 == "_" } : name
    }

    /// Letters of ASCII in lower case, digits not in front, and underscores for everything else.
    private static func snakeCase(_ text: String) -> String {
        var name: [UInt8] = []
        var previous = UInt8(ascii: "_")
        for byte in text.utf8 {
            defer { previous = byte }
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): name.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                if (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(previous) { name.append(UInt8(ascii: "_")) }
                name.append(byte | 0x20)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if name.isEmpty { name.append(UInt8(ascii: "_")) }
                name.append(byte)
            default: name.append(UInt8(ascii: "_"))
            }
        }
        return name.isEmpty ? "_" : String(decoding: name, as: UTF8.self)
    }
}
