internal import Domain

/// Decides which traces are recorded; the names are those of OTEL_TRACES_SAMPLER.
/// https://opentelemetry.io/docs/specs/otel/trace/sdk/#sampling
package struct Sampler: Sendable, Equatable {
    /// The part of all new traces that is recorded, 0 to 1.
    package var ratio: Double
    /// Whether a trace that began elsewhere is recorded exactly if it is recorded there.
    package var isParentBased: Bool

    package init(ratio: Double = 1, isParentBased: Bool = true) {
        self.ratio = min(max(ratio, 0), 1)
        self.isParentBased = isParentBased
    }

    /// `nil` for a name that is none of the six.
    ///
    /// - Parameter ratio: OTEL_TRACES_SAMPLER_ARG; `nil` is 1.
    init?(name: String, ratio: Double?) {
        switch name {
        case "always_on": self.init(ratio: 1, isParentBased: false)
        case "always_off": self.init(ratio: 0, isParentBased: false)
        case "traceidratio": self.init(ratio: ratio ?? 1, isParentBased: false)
        case "parentbased_always_on": self.init(ratio: 1)
        case "parentbased_always_off": self.init(ratio: 0)
        case "parentbased_traceidratio": self.init(ratio: ratio ?? 1)
        default: return nil
        }
    }

    /// The same answer for the same trace wherever it is asked with the same ratio: it looks at the low 63 random
    /// bits of the id, as other languages' SDKs do.
    func records(_ trace: TraceID, parent: TraceContext?) -> Bool {
        if isParentBased, let parent { return parent.isSampled }
        return ratio >= 1 || Double(trace.low >> 1) < ratio * 0x1p63
    }
}
