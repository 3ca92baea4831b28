internal import FoundationEssentials

/// What a collector made of a batch.
/// https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
enum OTLPAnswer: Equatable {
    /// `rejected` spans of the batch were not taken, and sending them again is of no use.
    case taken(rejected: Int)
    /// The same batch may be taken later; not before `seconds`, when the collector says so.
    case later(seconds: Int?)
    case refused

    private struct Body: Decodable {
        struct PartialSuccess: Decodable {
            /// An int64: a string in protobuf's JSON, a number from some collectors.
            let rejectedSpans: Int

            private enum Keys: CodingKey { case rejectedSpans }

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Keys.self)
                let text = try? container.decode(String.self, forKey: .rejectedSpans)
                rejectedSpans = try text.flatMap(Int.init) ?? container.decode(Int.self, forKey: .rejectedSpans)
            }
        }

        let partialSuccess: PartialSuccess?
    }

    /// A body that cannot be read says nothing.
    init(status: Int, retryAfter: String?, body: [UInt8]) {
        switch status {
        case 200..<300:
            let answer = try? JSONDecoder().decode(Body.self, from: Data(body))
            self = .taken(rejected: max(0, answer?.partialSuccess?.rejectedSpans ?? 0))
        case 429, 502, 503, 504: self = .later(seconds: retryAfter.flatMap { Int($0) })
        default: self = .refused
        }
    }
}
