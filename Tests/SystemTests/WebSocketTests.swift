import Domain
import Foundation
import HTTPTransport
import TestSupport
import Testing

@Suite(.serialized) struct WebSocketTests {
    private static func open(_ client: APIClient) async throws -> SocketClient {
        let socket = try await SocketClient.open(client.base, key: client.key)
        #expect(try await socket.message().type == "welcome")
        return socket
    }

    @Test func `a socket posts and follows jobs: the same events by the same cursors as the SSE stream`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let socket = try await Self.open(client)
            socket.send(#"{"type":"post","id":"a","follow":true,"job":{"kind":"noop","payload":{"emit":20}}}"#)
            let accepted = try await socket.message()
            #expect(accepted.type == "accepted" && accepted.id == "a" && accepted.status == 202)
            let job = try #require(accepted.job.flatMap { JobID($0) })
            #expect(try await socket.message().type == "following")
            var transcript = SocketTranscript()
            try await transcript.read(socket)
            var other = Transcript()
            var names: [String] = []
            try await client.follow(job) { event in
                try other.apply(event)
                names.append(event.event)
                return false
            }
            #expect(transcript.ids == other.ids && transcript.text == other.text && transcript.names == names)
            // Again, from the middle.
            socket.send(#"{"type":"follow","id":"b","job":"\#(job)","cursor":"\#(transcript.ids[10])"}"#)
            #expect(try await socket.message().id == "b")
            var rest = SocketTranscript()
            try await rest.read(socket)
            #expect(rest.ids == Array(transcript.ids[11...]))
        }
    }

    @Test func `chat over a socket: one idempotency key is one message, by HTTP and by socket alike`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let socket = try await Self.open(client)
            let body = #"{"message": "hello [[sim: tokens=8 delay_ms=10]]"}"#
            let first = try await client.send(
                "POST", "/api/v1/chat/messages", body: body, headers: [(name: "Idempotency-Key", value: "k1")])
            #expect(first.status == 202)
            let view: APIClient.JobView = try first.decode()
            socket.send(#"{"type":"post","id":"1","idempotency_key":"k1","follow":true,"message":\#(body)}"#)
            let replay = try await socket.message()
            #expect(replay.replayed == true && replay.job == "\(view.id)")
            #expect(try await socket.message().type == "following")
            var transcript = SocketTranscript()
            try await transcript.read(socket)
            #expect(transcript.text == transcript.final && !transcript.text.isEmpty)
            socket.send(#"{"type":"post","id":"2","idempotency_key":"k1","message":{"message":"other"}}"#)
            let conflict = try await socket.message()
            #expect(conflict.id == "2" && conflict.problem?.code == "idempotency_key_reused")
            #expect(try await system.count("SELECT count(*) FROM messages WHERE role = 'user'") == 1)
        }
    }

    @Test func `messages that are wrong get the problem that a request would get`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let socket = try await Self.open(client)
            let absent = JobID.make()
            let cases: [(String, Int, String)] = [
                (#""type":"post","job":{"kind":"rm -rf"}"#, 422, "invalid_request"),
                (#""type":"post","job":{}"#, 422, "invalid_request"),
                (#""type":"post","job":[]"#, 422, "invalid_request"),
                (#""type":"post""#, 422, "invalid_request"),
                (#""type":"post","job":{"kind":"noop"},"message":{"message":"x"}"#, 422, "invalid_request"),
                (#""type":"post","message":{"message":" "}"#, 422, "invalid_request"),
                (#""type":"post","idempotency_key":"has space","job":{"kind":"noop"}"#, 422, "invalid_request"),
                (#""type":"follow""#, 422, "invalid_request"),
                (#""type":"follow","job":"nope""#, 422, "invalid_request"),
                (#""type":"follow","job":"\#(absent)","cursor":"x""#, 422, "invalid_request"),
                (#""type":"follow","job":"\#(absent)""#, 404, "not_found"),
                (#""type":"cancel","job":"\#(absent)""#, 404, "not_found"),
                (#""type":"subscribe""#, 422, "invalid_request"),
                (#""type":"authenticate","token":"wrong-key-0123456789""#, 401, "unauthenticated"),
            ]
            for (text, status, code) in cases {
                socket.send(#"{\#(text),"id":"\#(code)"}"#)
                let answer = try await socket.message()
                #expect(answer.type == "error" && answer.id == code, "\(text)")
                #expect(answer.problem?.status == status && answer.problem?.code == code, "\(text): \(answer)")
            }
            #expect(try await system.count("SELECT count(*) FROM jobs") == 0)
        }
    }

    @Test func `a tenant's socket sees no other tenant's jobs, and cancels its own`() async throws {
        try await TestSystem.with { system in
            let keys = "\(system.tenant):test-key-0123456789,\(TenantID.make()):other-key-0123456789"
            let (_, client) = try await system.startGateway(["API_KEYS": keys])
            let job = try await client.post("/jobs", #"{"kind":"noop"}"#)
            let stranger = try await SocketClient.open(client.base, key: "other-key-0123456789")
            #expect(try await stranger.message().type == "welcome")
            for type in ["follow", "cancel"] {
                stranger.send(#"{"type":"\#(type)","job":"\#(job.id)"}"#)
                #expect(try await stranger.message().problem?.code == "not_found")
            }
            let socket = try await Self.open(client)
            socket.send(#"{"type":"follow","job":"\#(job.id)"}"#)
            #expect(try await socket.message().type == "following")
            socket.send(#"{"type":"cancel","id":"c","job":"\#(job.id)"}"#)
            var types: Set<String> = []
            while types.count < 2 {
                let message = try await socket.message()
                if message.type == "accepted" { #expect(message.status == 200) }
                if message.event == "end" { #expect(message.data?.state == "cancelled") }
                types.insert(message.type)
            }
            #expect(types == ["accepted", "event"])
        }
    }

    @Test func `the first message may be the credential; without one the socket closes`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway(["WS_AUTHENTICATE_SECONDS": "1"])
            func stranger() async throws -> SocketClient {
                let socket = try await SocketClient.connect(client.base)
                socket.start()
                return socket
            }
            let silent = try await stranger()
            let started = ContinuousClock.now
            #expect(await silent.closeCode() == 4401)
            #expect((.milliseconds(900)...Duration.seconds(4)).contains(.now - started))
            for text in [#"{"type":"authenticate","token":"wrong-key-0123456789"}"#, #"{"type":"ping"}"#, "{"] {
                let socket = try await stranger()
                socket.send(text)
                #expect(try await socket.message().type == "error")
                #expect(await socket.closeCode() == 4401)
            }
            let socket = try await stranger()
            socket.send(#"{"type":"authenticate","id":"a","token":"\#(client.key)"}"#)
            let welcome = try await socket.message()
            #expect(welcome.type == "welcome" && welcome.id == "a" && welcome.workspace_id == "\(system.tenant)")
            // The deadline was for strangers.
            try await Task.sleep(for: .milliseconds(1500))
            socket.send(#"{"type":"ping","id":"b"}"#)
            #expect(try await socket.message().id == "b")
        }
    }

    @Test func `sockets, follows, sizes and rates are bounded`() async throws {
        try await TestSystem.with { system in
            let keys = "\(system.tenant):test-key-0123456789,\(TenantID.make()):other-key-0123456789"
            let (_, client) = try await system.startGateway([
                "API_KEYS": keys, "WS_MAX_SOCKETS": "3", "WS_MAX_SOCKETS_EACH": "2", "WS_MAX_FOLLOWS": "2",
                "WS_MESSAGES_PER_SECOND": "20",
            ])
            func status(_ key: String) async throws -> Int {
                try await SocketClient.connect(client.base, headers: ["Authorization": "Bearer \(key)"]).status
            }
            let first = try await Self.open(client)
            let second = try await Self.open(client)
            #expect(try await status(client.key) == 429)
            let third = try await SocketClient.open(client.base, key: "other-key-0123456789")
            #expect(try await third.message().type == "welcome")
            #expect(try await status("other-key-0123456789") == 503)
            // A place that is left is free again.
            third.send(bytes: SocketClient.frame(8))
            #expect(await third.closeCode() == 1005)
            #expect(await third.next() == nil)
            let fourth = try await SocketClient.open(client.base, key: "other-key-0123456789")
            #expect(try await fourth.message().type == "welcome")

            for number in 1...3 {
                let job = try await client.post("/jobs", #"{"kind":"noop"}"#)
                first.send(#"{"type":"follow","job":"\#(job.id)"}"#)
                let answer = try await first.message()
                #expect(number < 3 ? answer.type == "following" : answer.problem?.code == "too_many_follows")
                if number == 2 {
                    first.send(#"{"type":"follow","job":"\#(job.id)"}"#)
                    #expect(try await first.message().problem?.code == "already_followed")
                }
                guard number == 3 else { continue }
                first.send(#"{"type":"cancel","id":"c","job":"\#(job.id)"}"#)
                #expect(try await first.message().type == "accepted")
            }
            second.send(bytes: (0..<60).flatMap { _ in SocketClient.frame(1, Array(#"{"type":"ping"}"#.utf8)) })
            #expect(await second.closeCode() == 1008)
            first.send(bytes: SocketClient.frame(1, [UInt8](repeating: 0x20, count: 262_145)))
            #expect(await first.closeCode() == 1009)
        }
    }

    @Test func `unfollowed is unfollowed: nothing of the job comes after the answer, and it may be followed again`()
        async throws
    {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let socket = try await Self.open(client)
            socket.send(
                #"{"type":"post","id":"a","follow":true,"job":{"kind":"noop","payload":{"sleep_ms":3000,"emit":100}}}"#)
            var transcript = SocketTranscript()
            var job = ""
            while transcript.ids.count < 10 {
                let message = try await socket.message()
                job = message.job ?? job
                transcript.apply(message)
            }
            socket.send(#"{"type":"unfollow","id":"u","job":"\#(job)"}"#)
            while case let message = try await socket.message(), message.type != "unfollowed" {
                transcript.apply(message)
            }
            try await Task.sleep(for: .milliseconds(200))
            socket.send(#"{"type":"ping","id":"p"}"#)
            #expect(try await socket.message().type == "pong")
            socket.send(
                #"{"type":"follow","id":"f","job":"\#(job)","cursor":"\#(transcript.ids[transcript.ids.count - 1])"}"#)
            #expect(try await socket.message().type == "following")
            try await transcript.read(socket)
            #expect(transcript.text == transcript.final && transcript.snapshots == 0)
            #expect(Set(transcript.ids).count == transcript.ids.count)
        }
    }

    @Test func `a client that does not read is closed, and costs no more than its bound`() async throws {
        try await TestSystem.with { system in
            let settings = [
                "WS_PING_SECONDS": "2", "WS_MESSAGES_PER_SECOND": "1000", "METRICS_ADDRESS": "127.0.0.1:0",
            ]
            let (gateway, client) = try await system.startGateway(settings)
            _ = try await system.startWorker()
            // Their texts are asked for again and again by a socket that takes nothing of them.
            var jobs: [JobID] = []
            for _ in 0..<20 {
                jobs.append(try await client.post("/jobs", #"{"kind":"noop","payload":{"emit":1000}}"#).id)
            }
            for job in jobs { _ = try await client.end(of: job) }
            let before = try Self.residentKilobytes(gateway)
            let socket = try await SocketClient.connect(
                client.base, headers: ["Authorization": "Bearer \(client.key)"], receiveBufferBytes: 4096)
            #expect(socket.status == 101)
            var most = 0
            var asked = 0
            let deadline = ContinuousClock.now + .seconds(30)
            while try await Self.closes(1008, gateway, system) == 0 {
                most = max(most, try Self.residentKilobytes(gateway) - before)
                try #require(ContinuousClock.now < deadline, "the socket is still open")
                for job in jobs { socket.send(#"{"type":"follow","job":"\#(job)"}"#) }
                asked += jobs.count
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(most < 30_000, "\(most) KiB")
            print("a client that does not read: \(most) KiB at most, asked \(asked) times")
            // Nobody else is the worse for it.
            let other = try await Self.open(client)
            other.send(#"{"type":"ping","id":"p"}"#)
            #expect(try await other.message().id == "p")
        }
    }

    @Test func `a client that has gone without a word is noticed`() async throws {
        try await TestSystem.with { system in
            let settings = ["WS_PING_SECONDS": "1", "METRICS_ADDRESS": "127.0.0.1:0"]
            let (gateway, client) = try await system.startGateway(settings)
            let proxy = FreezableProxy(to: UInt16(try #require(URL(string: client.base)?.port)))
            let socket = try await SocketClient.open("http://127.0.0.1:\(proxy.port)", key: client.key)
            #expect(try await socket.message().type == "welcome")
            // Quiet, and asked twice whether it is there.
            for _ in 0..<2 {
                while let frame = await socket.next(), frame.opcode != 9 { Issue.record("\(frame)") }
                socket.send(bytes: SocketClient.frame(10))
            }
            #expect(try await Self.closes(1008, gateway, system) == 0)
            proxy.freeze()
            let deadline = ContinuousClock.now + .seconds(10)
            while try await Self.closes(1008, gateway, system) == 0 {
                try #require(ContinuousClock.now < deadline, "the socket is still open")
                try await Task.sleep(for: .milliseconds(100))
            }
            proxy.close()
        }
    }

    private static func residentKilobytes(_ process: ServerProcess) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process.processID)/status", encoding: .utf8)
        return status.firstMatch(of: /VmRSS:\s+(\d+)/).flatMap { Int($0.1) } ?? 0
    }

    /// How many sockets the gateway has closed with a code.
    private static func closes(_ code: Int, _ gateway: ServerProcess, _ system: TestSystem) async throws -> Int {
        let line = await gateway.line { $0.contains("metrics server listens") }
        let port = try #require(line?.firstMatch(of: /port=(\d+)/)?.1)
        let response = try await system.transport.send(HTTPRequest(url: "http://127.0.0.1:\(port)/metrics"))
        let page = String(decoding: try await response.body.collect(upTo: 8 << 20), as: UTF8.self)
        let found = page.split(separator: "\n").first {
            $0.hasPrefix("errand_websocket_closes_total{code=\"\(code)\"}")
        }
        return found?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) } ?? 0
    }
}
