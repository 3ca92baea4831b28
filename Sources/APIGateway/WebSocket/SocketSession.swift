import Domain
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Jobs
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// One socket's life: works on its messages one after the other, and follows jobs for it meanwhile.
final class SocketSession: Sendable {
    private struct State {
        var admission: SocketGate.Admission?
        var follows: [JobID: Follow] = [:]
        var isLeaving = false
    }

    let connection: SocketConnection
    let commands: SocketCommands
    let reader: JobReader
    private let gate: SocketGate
    /// Of the request that opened the socket.
    private let head: HTTPRequest
    private let place: SocketCensus.Place
    private let state: Mutex<State>

    /// - Parameter admission: `nil`: the first message says who it is.
    init(
        connection: SocketConnection, commands: SocketCommands, reader: JobReader, gate: SocketGate, head: HTTPRequest,
        place: SocketCensus.Place, admission: SocketGate.Admission?
    ) {
        (self.connection, self.commands, self.reader, self.gate) = (connection, commands, reader, gate)
        (self.head, self.place) = (head, place)
        state = Mutex(State(admission: admission))
    }

    var limits: SocketLimits { connection.limits }

    /// Returns when the socket has closed.
    func run() async {
        await connection.open()
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                if let admission = self.admission {
                    group.addTask { await self.watchLife() }
                    await self.welcome(admission, nil)
                } else {
                    group.addTask { await self.awaitCredential() }
                }
                for await message in self.connection.messages {
                    await self.work(on: message, in: &group)
                    self.connection.worked()
                }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.leave()
        }
        if state.withLock({ $0.isLeaving }) {
            let farewell = ServerMessage.goingAway(retryAfter: .random(in: 0...Self.spreadMilliseconds))
            connection.close(.goingAway, farewell: farewell)
        }
        await connection.end()
    }

    /// Over how long the clients of a gateway that stops are asked to come back.
    private static let spreadMilliseconds = 2_000
    /// How long a message that is being worked on may take to be answered when the gateway stops.
    private static let leavingSeconds: Int64 = 5

    /// Takes no more messages; the one that is being worked on is answered before the socket closes.
    private func leave() {
        state.withLock { $0.isLeaving = true }
        connection.stopTaking()
        connection.channel.eventLoop.scheduleTask(in: .seconds(Self.leavingSeconds)) { [connection] in
            connection.close(.goingAway)
        }
    }

    private var admission: SocketGate.Admission? { state.withLock { $0.admission } }

    // MARK: Who it is

    /// Ends a socket that got no credential in time.
    private func awaitCredential() async {
        do {
            try await Task.sleep(for: .seconds(limits.authenticateSeconds))
            if admission == nil { connection.close(.notAuthenticated) }
        } catch {
            // Cancelled: the socket has ended.
        }
    }

    /// Ends the socket with its credential.
    private func watchLife() async {
        do {
            while let admission {
                let left = admission.expiresAt?.timeIntervalSinceNow ?? .infinity
                if left <= 0 { break }
                try await Task.sleep(for: .seconds(min(left, Double(limits.checkSeconds))))
                guard try await isStillValid() else { break }
            }
            connection.close(.credentialEnded)
        } catch {
            // Cancelled: the socket has ended.
        }
    }

    /// - Throws: `CancellationError`.
    private func isStillValid() async throws -> Bool {
        guard let admission else { return false }
        do {
            return try await gate.stillValid(admission)
        } catch {
            // It cannot be told now. The credential's own end still holds.
            try Task.checkCancellation()
            commands.logger.warning("credential not checked", metadata: ["error": "\(error)"])
            return true
        }
    }

    private func authenticate(
        _ token: String, _ company: String?, _ id: String?, in group: inout DiscardingTaskGroup
    ) async throws {
        let new = try await gate.authenticate(
            SocketGate.head(head, token: token, company: company), commands.address)
        let holder = SocketCensus.Holder(new.principal)
        if let old = admission {
            // A longer life for the same: what it follows was allowed to the old one.
            guard SocketCensus.Holder(old.principal) == holder else { throw Self.another }
            state.withLock { $0.admission = new }
        } else {
            try place.pass(to: holder)
            state.withLock { $0.admission = new }
            group.addTask { await self.watchLife() }
        }
        await welcome(new, id)
    }

    private static let another = Problem(
        status: .forbidden, code: "another_principal",
        detail: "This socket belongs to somebody else, or to another workspace. Open a new one.")

    private func welcome(_ admission: SocketGate.Admission, _ id: String?) async {
        await send(ServerMessage.welcome(admission, limits: limits, id: id))
    }

    // MARK: What it asks

    private func work(on message: ByteBuffer, in group: inout DiscardingTaskGroup) async {
        let data = Data(message.readableBytesView)
        do {
            let message = try JSONDecoder().decode(ClientMessage.self, from: data)
            do {
                try await work(on: message, data, in: &group)
            } catch let closed as SocketConnection.Closed {
                throw closed
            } catch {
                await answer(error, message.id)
            }
        } catch is SocketConnection.Closed {
            // Nobody is there to be answered.
        } catch {
            await answer(error, (try? JSONDecoder().decode(ClientMessage.Tag.self, from: data))?.id)
        }
    }

    private func answer(_ error: any Error, _ id: String?) async {
        let answer = await commands.problem(error)
        await send(ServerMessage.error(answer.body, id: id, retryAfter: answer.retryAfter))
        switch (admission, error) {
        case (_?, _): break
        case (nil, is SocketCensus.Full): connection.close(.tooMany)
        // Whoever guesses has to come again for each guess.
        case (nil, _): connection.close(.notAuthenticated)
        }
    }

    private func work(on message: ClientMessage, _ data: Data, in group: inout DiscardingTaskGroup) async throws {
        if case .authenticate(let token, let company) = message.request {
            return try await authenticate(token, company, message.id, in: &group)
        }
        guard let principal = admission?.principal else { throw Problem.unauthenticated }
        switch message.request {
        case .authenticate: break
        case .ping: try await connection.send(ServerMessage.pong(id: message.id))
        case .cancel(let job):
            let answer = try await commands.post("/api/v1/jobs/\(job)/cancel", as: principal)
            try await tell(answer, message.id)
        case .post(let post): try await self.post(post, data, message.id, principal, in: &group)
        case .unfollow(let job):
            await state.withLock { $0.follows.removeValue(forKey: job) }?.stop()
            try await connection.send(ServerMessage.unfollowed(job, id: message.id))
        case .follow(let job, let cursor): try await follow(job, cursor, message.id, principal, in: &group)
        }
    }

    private func tell(_ answer: SocketCommands.Answer, _ id: String?) async throws {
        let message =
            answer.status < 300
            ? ServerMessage.accepted(answer.body, status: answer.status, isReplay: answer.isReplay, id: id)
            : ServerMessage.error(answer.body, id: id, retryAfter: answer.retryAfter)
        try await connection.send(message)
    }

    private func post(
        _ post: ClientMessage.Post, _ data: Data, _ id: String?, _ principal: Principal,
        in group: inout DiscardingTaskGroup
    ) async throws {
        let job = JSONMember.value(of: "job", in: data)
        let chat = JSONMember.value(of: "message", in: data)
        guard let body = job ?? chat, job == nil || chat == nil else {
            throw Problem.invalid("job", "or message must be there, and only one of them")
        }
        let path = job == nil ? "/api/v1/chat/messages" : "/api/v1/jobs"
        let answer = try await commands.post(path, body, post, as: principal)
        try await tell(answer, id)
        struct Made: Decodable { var id: JobID }
        guard post.follows, answer.status < 300 else { return }
        let made = try JSONDecoder().decode(Made.self, from: Data(answer.body)).id
        try await follow(made, .start, id, principal, in: &group)
    }

    // MARK: Following

    private func follow(
        _ id: JobID, _ cursor: EventCursor, _ message: String?, _ principal: Principal,
        in group: inout DiscardingTaskGroup
    ) async throws {
        try commands.context(for: principal).require(.readJobs)
        guard let job = try await reader.wait(id, tenant: principal.tenant, for: .zero) else {
            throw Problem.notFound("job")
        }
        let follow = Follow()
        try state.withLock { state in
            if state.follows[id] != nil { throw Self.alreadyFollowed }
            if state.follows.count >= limits.follows { throw tooManyFollows }
            state.follows[id] = follow
        }
        try await connection.send(ServerMessage.following(id, after: cursor, id: message))
        group.addTask {
            await follow.run { try await self.deliver(job, after: cursor, follow) }
            self.forget(follow, id)
        }
    }

    private func forget(_ follow: Follow, _ job: JobID) {
        state.withLock { if $0.follows[job] === follow { $0.follows[job] = nil } }
    }

    private static let alreadyFollowed = Problem(
        status: .conflict, code: "already_followed", detail: "This socket follows that job already.")

    private var tooManyFollows: Problem {
        Problem(
            status: .tooManyRequests, code: "too_many_follows",
            detail: "A socket follows at most \(limits.follows) jobs at once; unfollow one, or open another socket.")
    }

    private func deliver(_ job: Job, after cursor: EventCursor, _ follow: Follow) async throws {
        do {
            try await reader.follow(job, after: cursor) { item in
                guard let frame = EventFrame(item) else { return }
                // Before its end is sent a job is no longer followed: the client may follow it again at once.
                if case .end = item { forget(follow, job.id) }
                try await connection.send(ServerMessage.event(frame, of: job.id))
            }
        } catch let error where !(error is SocketConnection.Closed || error is CancellationError) {
            forget(follow, job.id)
            let answer = await commands.problem(error)
            await send(ServerMessage.error(answer.body, id: nil, job: job.id, retryAfter: answer.retryAfter))
        }
    }

    /// Sends, if anybody is still there.
    private func send(_ message: [UInt8]) async {
        do { try await connection.send(message) } catch {}
    }
}
