import Glibc
import Synchronization

/// An event-stream server for many connections on two threads: each stream gets an event, which tells when it was
/// written, at its own even pace.
final class EventFountain: Sendable {
    private struct Stream {
        var connection: TestConnection
        var due: Int
        var left: Int
    }

    let port: UInt16
    private let arrived = Mutex<[Stream]>([])
    private let usedNanoseconds = Mutex(0)

    /// What serving has cost so far.
    var cpuSeconds: Double { Double(usedNanoseconds.withLock { $0 }) / 1e9 }

    init(eventsEach: Int, intervalMilliseconds: Int) throws {
        let listener: Int32
        (listener, port) = try TestServer.listen(backlog: 4096)
        startThread { [self] in
            while true {
                let connection = TestConnection(socket: accept(listener, nil, nil))
                guard connection.socket >= 0, connection.readRequest() != nil else { return }
                connection.startChunked()
                arrived.withLock {
                    $0.append(Stream(connection: connection, due: Self.nanoseconds(), left: eventsEach))
                }
            }
        }
        startThread { [self] in
            var streams: [Stream] = []
            while true {
                streams += arrived.withLock { arrived in
                    defer { arrived = [] }
                    return arrived
                }
                for index in streams.indices { Self.serve(&streams[index], intervalMilliseconds * 1_000_000) }
                streams.removeAll { $0.left < 0 }
                usedNanoseconds.withLock { $0 = Self.nanoseconds(CLOCK_THREAD_CPUTIME_ID) }
                usleep(1000)
            }
        }
    }

    private static func serve(_ stream: inout Stream, _ interval: Int) {
        guard stream.due <= nanoseconds() else { return }
        stream.due += interval
        stream.left -= 1
        if stream.left >= 0 {
            stream.connection.chunk("data: \(nanoseconds())\n\n")
        } else {
            stream.connection.endChunks()
            close(stream.connection.socket)
        }
    }

    static func nanoseconds(_ clock: Int32 = CLOCK_MONOTONIC) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
