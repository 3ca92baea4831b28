import HTTPTypes
import Synchronization

/// What inner middleware tells outer one of a request: contexts are copied on the way in, and nothing comes back out.
final class RequestNotes: Sendable {
    private struct State {
        var windows: [RateWindow] = []
        var isRefused = false
        var isAddressCounted = false
    }

    private let state = Mutex(State())

    /// Goes into the answer, whatever becomes of the request.
    var headers: HTTPFields {
        let (windows, isRefused) = state.withLock { ($0.windows, $0.isRefused) }
        var headers = HTTPFields()
        if !windows.isEmpty { headers.append(windows, refused: isRefused) }
        return headers
    }

    func add(_ windows: [RateWindow], refused: Bool = false) {
        state.withLock { state in
            state.windows += windows
            state.isRefused = state.isRefused || refused
        }
    }

    /// It has been counted by where it comes from, or need not be.
    var isAddressCounted: Bool {
        get { state.withLock { $0.isAddressCounted } }
        set { state.withLock { $0.isAddressCounted = newValue } }
    }
}
