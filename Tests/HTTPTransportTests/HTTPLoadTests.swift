import Foundation
import Glibc
import HTTPTransport
import Testing

@Suite(.serialized, .timeLimit(.minutes(2)))
struct HTTPLoadTests {
    @Test func `500 streams of 20 events a second arrive whole and soon`() async throws {
        let streams = 500
        let eventsEach = 60
        let fountain = try EventFountain(eventsEach: eventsEach, intervalMilliseconds: 50)
        let transport = makeTransport()
        let before = Usage.now
        let delays = try await withThrowingTaskGroup { group in
            for _ in 0..<streams {
                group.addTask { try await Self.follow(transport, "http://127.0.0.1:\(fountain.port)/") }
            }
            return try await group.reduce(into: [Int]()) { $0 += $1 }.sorted()
        }
        let after = Usage.now
        #expect(delays.count == streams * eventsEach)
        let cpu = after.cpuSeconds - before.cpuSeconds - fountain.cpuSeconds
        let cores = cpu / (after.seconds - before.seconds)
        func microseconds(_ share: Double) -> Int {
            delays[min(delays.count - 1, Int(Double(delays.count) * share))] / 1000
        }
        print(
            "streams=\(streams) events/s=\(streams * 20) cores=\(String(format: "%.2f", cores))",
            "peak_mb=\(after.peakBytes / 1_000_000) delay_us p50=\(microseconds(0.5)) p99=\(microseconds(0.99))",
            "max=\(microseconds(1))")
    }

    /// The nanoseconds between each event's writing and its decoding.
    private static func follow(_ transport: HTTPTransport, _ url: String) async throws -> [Int] {
        var decoder = ServerSentEventDecoder()
        var delays: [Int] = []
        for try await bytes in try await transport.send(HTTPRequest(url: url)).body {
            for event in try decoder.feed(bytes) {
                delays.append(EventFountain.nanoseconds() - (Int(event.data) ?? 0))
            }
        }
        return delays
    }

    @Test func `a thousand requests, cancelled ones among them, leave no socket and no transfer behind`() async throws {
        // In a process of its own, whose open files nobody else touches.
        await #expect(processExitsWith: .success) {
            let server = try TestServer { connection in
                while let request = connection.readRequest() {
                    if request.line.hasPrefix("GET /silent") {
                        _ = connection.waitForClose()
                    } else {
                        connection.answer("ok")
                    }
                }
            }
            // Sockets only: the runtime opens files of its own when it likes.
            func openSockets() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { name in
                    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
                    return target?.hasPrefix("socket:") == true
                }
            }
            let before = try openSockets()
            do {
                let transport = makeTransport()
                let running = Task { try await transport.run() }
                for _ in 0..<20 {
                    try await withThrowingTaskGroup { group in
                        for number in 0..<50 {
                            group.addTask {
                                let path = number.isMultiple(of: 5) ? "/silent" : "/"
                                let deadlines = HTTPDeadlines(firstByte: .milliseconds(20))
                                let request = HTTPRequest(
                                    url: server.origin + path, deadlines: path == "/" ? HTTPDeadlines() : deadlines)
                                let text = try? await transport.send(request).body.text()
                                try #require(text == (path == "/" ? "ok" : nil))
                            }
                        }
                        try await group.waitForAll()
                    }
                }
                try #require(transport.activeTransfers == 0)
                running.cancel()
                try await running.value
            }
            // No time limit reaches into this process: it needs an end of its own.
            let giveUp = ContinuousClock.now + .seconds(10)
            while try openSockets() > before, .now < giveUp { await Task.yield() }
            try #require(try openSockets() <= before)
        }
    }
}

/// What the process has used so far.
private struct Usage {
    var seconds: Double
    var cpuSeconds: Double
    var peakBytes: Int

    static var now: Usage {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return Usage(
            seconds: Double(EventFountain.nanoseconds()) / 1e9,
            cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime), peakBytes: usage.ru_maxrss * 1024)
    }
}
