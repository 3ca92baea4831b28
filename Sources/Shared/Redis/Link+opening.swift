import Logging

/// How a connection comes to be: name, TCP (one address after the other), TLS, greeting.
extension Link {
    var phaseDeadline: Instant? {
        switch phase {
        case .waiting(let until): until
        case .connecting(_, let attemptDeadline, _): attemptDeadline
        case .locating(_, let deadline), .resolving(let deadline): deadline
        case .securing(let deadline), .greeting(_, let deadline): deadline
        case .open: nil
        }
    }

    /// Does what time alone, or a finished look-up, makes possible.
    func advance(now: Instant) {
        if case .waiting(let until) = phase, now >= until || destination.hasAlternative(to: endpoint) {
            phase = .locating(question: destination.ask(), deadline: now + configuration.connectTimeout)
        }
        if case .locating(let question, let deadline) = phase { locate(question, deadline: deadline, now: now) }
        if case .resolving(let deadline) = phase { takeAddresses(deadline: deadline, now: now) }
        guard let deadline = phaseDeadline, now >= deadline else { return }
        switch phase {
        case .waiting, .open: return
        case .locating(let question, _):
            if case .unknown(let reason?) = destination.answer(to: question) { return fail(reason, now: now) }
            fail("nobody said in time where it is", now: now)
        case .resolving: fail("the name was not resolved in time", now: now)
        case .connecting: tryNextAddress("no answer in time", now: now)
        case .securing: fail("TLS took too long", now: now)
        case .greeting: fail("no answer to the greeting in time", now: now)
        }
    }

    /// Takes up the server that is meant, when that is known.
    private func locate(_ question: UInt64, deadline: Instant, now: Instant) {
        switch destination.answer(to: question) {
        case .at(let endpoint):
            // A look-up that is still running is waited for, not started a second time.
            if resolution == nil || endpoint.node != self.endpoint.node {
                resolution = Resolution(host: endpoint.host, port: endpoint.port, wakeup: thread.wakeup)
            }
            self.endpoint = endpoint
            phase = .resolving(deadline: deadline)
        case .unknown(let reason?): conversation.couldNotConnect(reason)
        case .unknown(nil): return
        }
    }

    private func takeAddresses(deadline: Instant, now: Instant) {
        guard let outcome = resolution?.outcome else { return }
        resolution = nil
        switch outcome {
        case .success(let addresses): connect(addresses[...], deadline: deadline, reason: "no address", now: now)
        case .failure(let error): fail(Self.reason(error), now: now)
        }
    }

    /// Tries the first address that lets itself be tried; each gets its share of the time that is left.
    private func connect(_ addresses: ArraySlice<SocketAddress>, deadline: Instant, reason: String, now: Instant) {
        var addresses = addresses
        var reason = reason
        while now < deadline, let address = addresses.popFirst() {
            do throws(RedisError) {
                stream = try Stream(connectingTo: address)
                let share = (deadline - now) / (addresses.count + 1)
                phase = .connecting(others: addresses, attemptDeadline: now + share, deadline: deadline)
                return
            } catch {
                reason = Self.reason(error)
            }
        }
        fail(reason, now: now)
    }

    private func tryNextAddress(_ reason: String, now: Instant) {
        guard case .connecting(let others, _, let deadline) = phase else { return }
        discardStream()
        connect(others, deadline: deadline, reason: reason, now: now)
    }

    /// The socket is ready for what the phase waits for.
    func proceed(now: Instant) {
        switch phase {
        case .waiting, .locating, .resolving: return
        case .connecting(_, _, let deadline):
            if let reason = stream?.connectFailure() { return tryNextAddress(reason, now: now) }
            connected(deadline: deadline, now: now)
        case .securing(let deadline): handshake(deadline: deadline, now: now)
        case .greeting:
            writeGreeting(now: now)
            readReplies(now: now)
        case .open: readReplies(now: now)
        }
    }

    private func connected(deadline: Instant, now: Instant) {
        guard endpoint.isEncrypted else { return greet(deadline: deadline, now: now) }
        do throws(RedisError) {
            if tls == nil { tls = try .trusting(certificateAuthorityFile: configuration.certificateAuthorityFile) }
            try stream!.secure(tls!, host: endpoint.host)
            phase = .securing(deadline: deadline)
            handshake(deadline: deadline, now: now)
        } catch {
            fail(Self.reason(error), now: now)
        }
    }

    private func handshake(deadline: Instant, now: Instant) {
        switch stream!.handshake() {
        case .bytes: greet(deadline: deadline, now: now)
        case .wouldBlock: return
        case .ended(let reason): fail(reason, now: now)
        }
    }

    private func greet(deadline: Instant, now: Instant) {
        let commands = endpoint.greeting(clientName: configuration.clientName)
        greeting = commands.flatMap(\.encoded)[...]
        phase = .greeting(missingReplies: commands.count, deadline: deadline)
        writeGreeting(now: now)
    }

    private func writeGreeting(now: Instant) {
        while !greeting.isEmpty {
            switch greeting.withUnsafeBytes({ stream!.write($0) }) {
            case .bytes(let count): greeting.removeFirst(count)
            case .wouldBlock: return
            case .ended(let reason): return fail(reason, now: now)
            }
        }
    }

    /// A reply to the greeting. A refusal (`WRONGPASS`, `LOADING`, `DENIED`) ends the attempt.
    func greeted(_ reply: RedisReply, now: Instant) throws(RedisError) {
        guard case .greeting(let missing, let deadline) = phase else { return }
        try endpoint.accept(reply, missing: missing)
        if missing > 1 {
            phase = .greeting(missingReplies: missing - 1, deadline: deadline)
            return
        }
        if backoff.failures > 0 {
            logger.notice("Redis connection is back", metadata: ["redis": "\(endpoint)"])
        }
        phase = .open(since: now)
        conversation.opened(now: now)
    }

    /// The attempt failed; the next one waits. Logged at the first, second, fourth, eighth … failure in a row.
    func fail(_ reason: String, now: Instant) {
        let text: String
        if case .locating = phase {
            text = "\(configuration): \(reason)"
        } else {
            text = "\(endpoint): \(reason)"
            destination.failed(endpoint)
        }
        discardStream()
        phase = .waiting(until: now + backoff.next(random: .random(in: 0..<1)))
        if backoff.failures & (backoff.failures - 1) == 0 {
            let metadata: Logger.Metadata = ["attempts": "\(backoff.failures)", "reason": "\(text)"]
            logger.warning("cannot connect to Redis", metadata: metadata)
        }
        conversation.couldNotConnect(text)
    }

    static func reason(_ error: RedisError) -> String {
        switch error {
        case .connect(let reason), .configuration(let reason): reason
        default: error.description
        }
    }
}
