import HTTPTypes
import Synchronization

/// What inner middleware tells outer one of a request: contexts are copied on the way in, and nothing comes back out.
final class RequestNotes: Sendable {
    private struct State {
        var headers = HTTPFields()
        var hasValidKey = false
    }

    private let state = Mutex(State())

    /// Goes into the answer, whatever becomes of the request.
    var headers: HTTPFields { state.withLock { $0.headers } }

    func add(_ windows: [RateWindow], refused: Bool = false) {
        if !windows.isEmpty { state.withLock { $0.headers.append(windows, refused: refused) } }
    }

    /// Its credentials are an API key that is good.
    var hasValidKey: Bool {
        get { state.withLock { $0.hasValidKey } }
        set { state.withLock { $0.hasValidKey = newValue } }
    }
}
