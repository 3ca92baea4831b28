package import Logging
internal import Synchronization
internal import Threads

/// Sends mail to one server over libcurl: https://curl.se/libcurl/c/libcurl-easy.html
///
/// libcurl blocks, so it runs on threads of the transport's own: up to `maxConnections`, each started when a mail waits
/// and ended when none does. What is left to send at once goes over the same connection. Nothing needs to be closed.
package final class SMTPTransport: Sendable {
    private struct State {
        var waiting: [SMTPDelivery] = []
        var threads = 0
    }

    package let server: SMTPServer
    private let limits: SMTPLimits
    private let caBundle: String?
    private let logger: Logger
    private let state = Mutex(State())

    /// Opens nothing.
    /// - Parameter caBundle: a PEM file with the authorities to trust. `nil`: the system's.
    package init(_ server: SMTPServer, limits: SMTPLimits = SMTPLimits(), caBundle: String? = nil, logger: Logger) {
        self.server = server
        self.limits = limits
        self.caBundle = caBundle
        self.logger = logger
    }

    /// Returns when the server has taken the message: it then answers for it. Cancelling the task ends the delivery, at
    /// once or, where the server's last word is awaited, within a second; whether the message got through is then not
    /// known.
    /// - Throws: `SMTPError`.
    package func send(_ message: MailMessage) async throws {
        let bytes = message.encoded()
        guard bytes.count <= limits.maxMessageBytes else {
            throw SMTPError.messageTooLarge(limitBytes: limits.maxMessageBytes)
        }
        let delivery = SMTPDelivery(
            from: message.from.address, to: message.to.address, bytes: bytes, deadline: .now + limits.total)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if delivery.wait(continuation) { submit(delivery) }
            }
        } onCancel: {
            if delivery.cancel() { forget(delivery) }
        }
    }

    private func submit(_ delivery: SMTPDelivery) {
        let (isTaken, needsThread) = state.withLock { state in
            guard state.waiting.count < limits.maxWaiting else { return (false, false) }
            state.waiting.append(delivery)
            guard state.threads < limits.maxConnections else { return (true, false) }
            state.threads += 1
            return (true, true)
        }
        guard isTaken else { return delivery.end(.failure(.overloaded)) }
        guard needsThread else { return }
        do throws(NoThread) {
            try DetachedThread.start("smtp") { [self] in work() }
        } catch {
            failWaiting(error)
        }
    }

    private func failWaiting(_ error: NoThread) {
        logger.error("no thread for sending mail", metadata: ["error": "\(error)"])
        // Those that wait are another thread's, if there is one; else nobody would come for them.
        let orphans = state.withLock { state in
            state.threads -= 1
            guard state.threads == 0 else { return [SMTPDelivery]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for orphan in orphans { orphan.end(.failure(.overloaded)) }
    }

    private func forget(_ delivery: SMTPDelivery) {
        state.withLock { state in state.waiting.removeAll { $0 === delivery } }
    }

    // MARK: the transport's threads

    private func work() {
        // The connections are closed, politely and so perhaps slowly, before the thread stops counting.
        repeat { sendWaiting() } while !leave()
    }

    private func sendWaiting() {
        let session = SMTPSession(server, limits, caBundle: caBundle)
        while let delivery = state.withLock({ $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }) {
            session.send(delivery)
        }
    }

    /// False when a mail came in the meantime.
    private func leave() -> Bool {
        state.withLock { state in
            guard state.waiting.isEmpty else { return false }
            state.threads -= 1
            return true
        }
    }
}
