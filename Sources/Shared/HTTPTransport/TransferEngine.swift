import CCurl
internal import Glibc
internal import Logging

/// Drives one multi handle on one thread: commands in, libcurl's work, ends out, deadlines, wait.
final class TransferEngine {
    private let loop: TransferLoop
    private let multi: UnsafeMutableRawPointer
    private let round = TransferRound()
    private var transfers: [ObjectIdentifier: Transfer] = [:]

    init(_ multi: MultiHandle, _ loop: TransferLoop) {
        self.multi = multi.pointer
        self.loop = loop
    }

    /// Returns when the loop was told to stop and nothing is under way any more.
    func run() {
        while true {
            let (commands, drainUntil) = loop.collect()
            for command in commands { carryOut(command) }
            guard perform() else { break }
            round.wakeReaders()
            settleFinished()
            let now = ContinuousClock.now
            expireOverdue(now)
            if let drainUntil, transfers.isEmpty || drainUntil <= now { break }
            gather()
            guard wait(until: drainUntil) else { break }
        }
        shutDown()
    }

    private func carryOut(_ command: TransferLoop.Command) {
        switch command {
        case .start(let exchange): start(exchange)
        case .cancel(let exchange):
            if let transfer = transfers[ObjectIdentifier(exchange)] { abort(transfer, .cancelled) }
        case .resume(let exchange):
            guard let transfer = transfers[ObjectIdentifier(exchange)] else { return }
            let code = transfer.resume(at: .now)
            if code != CURLE_OK { end(transfer, transfer.outcome(code)) }
        }
    }

    private func start(_ exchange: Exchange) {
        guard !exchange.hasEnded else { return loop.release(exchange) }
        do throws(HTTPTransportError) {
            let transfer = try Transfer(exchange, configuration: loop.configuration, round: round)
            let code = curl_multi_add_handle(multi, transfer.easy.pointer)
            guard code == CURLM_OK else {
                throw HTTPTransportError(CURLE_FAILED_INIT, host: exchange.target.address.host, wasConnected: false)
            }
            transfers[ObjectIdentifier(exchange)] = transfer
        } catch {
            loop.release(exchange)
            exchange.finish(.failure(error))
        }
    }

    private func perform() -> Bool {
        var running: Int32 = 0
        return check(curl_multi_perform(multi, &running))
    }

    /// One round costs libcurl a look at every transfer, however few have something to say. With many of them a pause
    /// of a microsecond each lets more gather for the next round; the price is that much delay, at most 4 ms.
    private func gather() {
        guard transfers.count >= 100 else { return }
        usleep(UInt32(min(transfers.count, 4_000)))
    }

    private func wait(until drainUntil: ContinuousClock.Instant?) -> Bool {
        let due = [round.due, drainUntil].compactMap { $0 }.min()
        let pause = due.map { max(.zero, $0 - .now) } ?? .seconds(60)
        return check(curl_multi_poll(multi, nil, 0, Int32(min(pause.wholeMilliseconds, 60_000)), nil))
    }

    /// An error of the multi handle itself leaves no way to go on: every transfer fails, and later ones are refused.
    private func check(_ code: CURLMcode) -> Bool {
        guard code != CURLM_OK else { return true }
        loop.logger.critical(
            "the transfer loop failed", metadata: ["curlm": "\(code.rawValue)", "active": "\(transfers.count)"])
        return false
    }

    private func settleFinished() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE else { continue }
            var context: UnsafeMutableRawPointer?
            guard ccurl_get_private(message.pointee.easy_handle, &context) == CURLE_OK else { continue }
            let transfer = Transfer.from(context)
            end(transfer, transfer.outcome(ccurl_message_result(message)))
        }
    }

    /// Deadlines mostly move back while bytes arrive, so `due` only says when it is worth looking at all of them.
    private func expireOverdue(_ now: ContinuousClock.Instant) {
        guard let due = round.due, due <= now else { return }
        round.clearDeadline()
        for transfer in Array(transfers.values) {
            let next = transfer.clock.next
            if next.at <= now {
                abort(transfer, .timeout(phase: next.phase, host: transfer.exchange.target.address.host))
            } else {
                round.noteDeadline(next.at)
            }
        }
    }

    /// Closes the socket now: a transfer that leaves before its end takes its HTTP/1.1 connection with it.
    private func abort(_ transfer: Transfer, _ error: HTTPTransportError) {
        _ = ccurl_set_long(transfer.easy.pointer, CURLOPT_FORBID_REUSE, 1)
        end(transfer, .failure(error))
    }

    /// The limits are released before the caller hears of the end, so that its next request finds room.
    private func end(_ transfer: Transfer, _ outcome: Result<Void, HTTPTransportError>) {
        let code = curl_multi_remove_handle(multi, transfer.easy.pointer)
        precondition(code == CURLM_OK, "a transfer's handle is in the multi handle until its end")
        transfers[ObjectIdentifier(transfer.exchange)] = nil
        loop.release(transfer.exchange)
        transfer.exchange.finish(outcome)
    }

    private func shutDown() {
        for transfer in Array(transfers.values) { abort(transfer, .closed(sentNothing: !transfer.clock.isConnected)) }
        for case .start(let exchange) in loop.close() {
            loop.release(exchange)
            exchange.finish(.failure(.closed(sentNothing: true)))
        }
        let code = curl_multi_cleanup(multi)
        if code != CURLM_OK { loop.logger.error("libcurl's clean-up failed", metadata: ["curlm": "\(code.rawValue)"]) }
        loop.reportStopped()
    }
}
