internal import Glibc

/// A thread of its own for calls that block: the cooperative pool must never do that. It is never joined: it ends when
/// its body returns.
package enum DetachedThread {
    private final class Body: Sendable {
        private let name: String
        private let run: @Sendable () -> Void

        init(_ name: String, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }

        func live() {
            takeName()
            run()
        }

        /// Source: proc_pid_comm(5). pthread_setname_np is no part of what Swift's Glibc module shows.
        private func takeName() {
            let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { return }
            _ = write(file, name, name.utf8.count)
            close(file)
        }
    }

    /// Runs `body` on a new thread that takes no signals: they belong to the program, and a library that writes to a
    /// socket without MSG_NOSIGNAL (OpenSSL) would raise SIGPIPE when its peer has closed. Those that a fault of the
    /// thread itself raises stay, so that a crash is reported.
    ///
    /// - Parameter name: what top(1) and a debugger show; 15 bytes of it are kept.
    /// - Throws: when the system gives no thread; `body` does not run then.
    package static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(NoThread) {
        // A new thread has the mask of the one that makes it.
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        for fault in faults { sigdelset(&all, fault) }
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Body(name, body))
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().live()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw NoThread(errno: code)
        }
        pthread_detach(thread)
    }

    private static let faults = [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGPROF]
}

/// The system gave no thread.
package struct NoThread: Error, CustomStringConvertible {
    /// As pthread_create(3) returns it: EAGAIN when a limit on threads or memory is reached.
    package let errno: Int32

    package var description: String { "no thread: errno \(errno)" }
}
