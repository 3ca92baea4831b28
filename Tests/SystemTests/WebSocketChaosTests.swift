import Domain
import Foundation
import TestSupport
import Testing

/// What a client of a socket has when something is killed under it: all of the text, and nothing twice.
@Suite(.serialized) struct WebSocketChaosTests {
    private static func ask(_ socket: SocketClient, _ text: String) async throws -> JobID {
        socket.send(#"{"type":"post","follow":true,"message":{"message":"\#(text)"}}"#)
        let accepted = try await socket.message()
        let job = try #require(accepted.job.flatMap { JobID($0) })
        #expect(try await socket.message().type == "following")
        return job
    }

    private static func open(_ client: APIClient) async throws -> SocketClient {
        let socket = try await SocketClient.open(client.base, key: client.key)
        #expect(try await socket.message().type == "welcome")
        return socket
    }

    private static func follow(_ job: JobID, after cursor: String?, _ client: APIClient) async throws -> SocketClient {
        let socket = try await open(client)
        let place = cursor.map { #","cursor":"\#($0)""# } ?? ""
        socket.send(#"{"type":"follow","job":"\#(job)"\#(place)}"#)
        #expect(try await socket.message().type == "following")
        return socket
    }

    private static func isWhole(_ transcript: SocketTranscript, attempts: [Int]) {
        #expect(transcript.attempts == attempts)
        #expect(transcript.ends == 1)
        #expect(transcript.text == transcript.final && !transcript.text.isEmpty)
        #expect(Set(transcript.ids).count == transcript.ids.count, "an event came twice")
    }

    @Test func `kill -9 of the worker in mid-answer shows as a new attempt`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let workers = [try await system.startWorker(), try await system.startWorker()]
            let socket = try await Self.open(client)
            let job = try await Self.ask(socket, "tell me [[sim: tokens=60 delay_ms=40]]")
            var transcript = SocketTranscript()
            var isKilled = false
            try await transcript.read(socket) { transcript in
                if transcript.ids.count >= 10, !isKilled {
                    isKilled = true
                    try await #require(try await system.worker(running: job, of: workers)).killNow()
                }
                return false
            }
            Self.isWhole(transcript, attempts: [1, 2])
        }
    }

    @Test func `kill -9 of the gateway in mid-answer: the cursor goes on at another one`() async throws {
        try await TestSystem.with { system in
            let (first, client) = try await system.startGateway()
            let (_, other) = try await system.startGateway()
            _ = try await system.startWorker()
            let socket = try await Self.open(client)
            let job = try await Self.ask(socket, "tell me [[sim: tokens=60 delay_ms=40]]")
            var transcript = SocketTranscript()
            await #expect(throws: SocketClient.Failed.self) {
                try await transcript.read(socket) { transcript in
                    if transcript.ids.count == 10 { await first.killNow() }
                    return false
                }
            }
            #expect(transcript.ends == 0)
            try await transcript.read(try await Self.follow(job, after: transcript.cursor, other))
            Self.isWhole(transcript, attempts: [1])
            #expect(transcript.snapshots == 0)
        }
    }

    @Test func `a gateway that stops says so, closes by 1001, and its clients go on elsewhere`() async throws {
        try await TestSystem.with { system in
            let (first, client) = try await system.startGateway()
            let (_, other) = try await system.startGateway()
            _ = try await system.startWorker()
            let socket = try await Self.open(client)
            let quiet = try await Self.open(client)
            // One that answers nothing, not even the close.
            let deaf = try await SocketClient.connect(client.base, headers: ["Authorization": "Bearer \(client.key)"])
            let job = try await Self.ask(socket, "tell me [[sim: tokens=60 delay_ms=40]]")
            var transcript = SocketTranscript()
            try await transcript.read(socket) { $0.ids.count == 10 }
            let started = ContinuousClock.now
            first.signal(SIGTERM)
            var isTold = false
            while let frame = await socket.next(), frame.opcode == 1 {
                let message = try JSONDecoder().decode(SocketClient.Message.self, from: Data(frame.payload))
                #expect(!isTold, "\(message.type) after the farewell")
                isTold = message.type == "going_away" && message.retry_after_ms != nil
                transcript.apply(message)
            }
            #expect(isTold)
            #expect(try await quiet.message().type == "going_away")
            #expect(await quiet.closeCode() == 1001)
            #expect(await first.exit() == 0)
            #expect(ContinuousClock.now - started < .seconds(6), "a deaf client held up the drain")
            #expect(deaf.status == 101)
            try await transcript.read(try await Self.follow(job, after: transcript.cursor, other))
            Self.isWhole(transcript, attempts: [1])
            #expect(transcript.snapshots == 0)
        }
    }

    @Test func `Redis killed and restarted empty in mid-answer: the text is whole all the same`() async throws {
        let redis = try PrivateRedis()
        let server = try await redis.start()
        let restarted = Box<ServerProcess?>(nil)
        try await TestSystem.with(redisURL: redis.url) { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<6 {
                    group.addTask {
                        let socket = try await Self.open(client)
                        _ = try await Self.ask(socket, "tell me [[sim: tokens=120 delay_ms=30]]")
                        var transcript = SocketTranscript()
                        try await transcript.read(socket) { transcript in
                            if number == 0, transcript.ids.count >= 15, restarted.value == nil {
                                await server.killNow()
                                let empty = try await redis.start()
                                restarted.change { $0 = empty }
                            }
                            return false
                        }
                        Self.isWhole(transcript, attempts: [1])
                    }
                }
                try await group.waitForAll()
            }
            #expect(restarted.value != nil)
        }
        await restarted.value?.killNow()
    }
}
