// The compiler finds the types of <pthread.h> in whichever C module it reads first.
import COpenSSL
import Glibc

/// A thread of its own for calls that block. It is never joined: it ends when its body returns.
enum DetachedThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Throws `library` when the system gives no thread.
    static func start(_ run: @escaping @Sendable () -> Void) throws(VaultError) {
        let body = Unmanaged.passRetained(Body(run))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, &attributes,
            { argument in
                Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard code == 0 else {
            body.release()
            throw .library(operation: "pthread_create", code: Int(code))
        }
    }
}
