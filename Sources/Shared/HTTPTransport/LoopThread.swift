import CCurl
internal import Glibc

/// A thread of its own for code that blocks: the cooperative pool must never do that.
enum LoopThread {
    private final class Body {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Runs `body` on a new, detached thread on which every signal is blocked: signals belong to the main program,
    /// and a peer that closes must not raise SIGPIPE (OpenSSL writes without MSG_NOSIGNAL).
    static func start(_ body: @escaping @Sendable () -> Void) throws(HTTPTransportError) {
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Body(run: body))
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw HTTPTransportError(CURLE_FAILED_INIT, host: "", wasConnected: false)
        }
        pthread_detach(thread)
    }
}
