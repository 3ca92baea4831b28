import Synchronization
import Threads

/// One look-up of a name, on a thread of its own, because getaddrinfo blocks without a deadline while commands must
/// still time out. The thread ends when the resolver gives up.
final class Resolution: Sendable {
    private let result = Mutex<Result<[SocketAddress], RedisError>?>(nil)

    /// Numeric addresses are there at once.
    init(host: String, port: Int, wakeup: Wakeup) {
        if let addresses = try? SocketAddress.resolve(host: host, port: port, isNumeric: true) {
            result.withLock { $0 = .success(addresses) }
            return
        }
        do throws(NoThread) {
            try DetachedThread.start("redis-resolve") {
                let outcome = Result { () throws(RedisError) in
                    try SocketAddress.resolve(host: host, port: port, isNumeric: false)
                }
                self.result.withLock { $0 = outcome }
                wakeup.ring()
            }
        } catch {
            result.withLock { $0 = .failure(.connect("the name's resolution has \(error)")) }
        }
    }

    /// nil while the look-up runs.
    var outcome: Result<[SocketAddress], RedisError>? { result.withLock { $0 } }
}
