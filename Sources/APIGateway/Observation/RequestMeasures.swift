import HTTPTypes
import Metrics
import Synchronization

/// What is counted for every request. Routes are templates and methods are those that routes take, so that the number
/// of series is bounded whatever clients send.
final class RequestMeasures: Sendable {
    private struct Key: Hashable {
        var method: String
        var route: String
        var status: Int
    }

    private struct Series {
        var requests: Counter
        var seconds: Timer
    }

    static let help: [String: String] = [
        "errand_http_requests_total": "Requests answered, by method, route and status; status 0: the client had left.",
        "errand_http_request_seconds": "From a request's head to the beginning of its answer; a wait is part of it.",
        "errand_http_requests_open": "Requests that wait for the beginning of their answer.",
    ]

    private let series = Mutex<[Key: Series]>([:])
    let open = Atomic<Int>(0)

    /// - Parameter status: 0 when there was nobody to answer.
    func answered(_ method: HTTPRequest.Method, _ route: String?, status: Int, after duration: Duration) {
        let isKnown = [.get, .head, .post, .put, .patch, .delete, .options].contains(method)
        let key = Key(method: isKnown ? method.rawValue : "other", route: route ?? "none", status: status)
        let series = series(key)
        series.requests.increment()
        series.seconds.recordNanoseconds(Int64(duration / .nanoseconds(1)))
    }

    private func series(_ key: Key) -> Series {
        series.withLock { all in
            if let known = all[key] { return known }
            let route = [("method", key.method), ("route", key.route)]
            let new = Series(
                requests: Counter(
                    label: "errand_http_requests_total", dimensions: route + [("status", String(key.status))]),
                seconds: Timer(label: "errand_http_request_seconds", dimensions: route))
            all[key] = new
            return new
        }
    }
}
