internal import Threads

/// A `DetachedThread` whose failure is one of this module.
enum PostgresThread {
    /// - Throws: `connect` when the system gives no thread.
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(PostgresError) {
        do throws(NoThread) {
            try DetachedThread.start(name, body)
        } catch {
            throw .connect("the connection has \(error)")
        }
    }
}
