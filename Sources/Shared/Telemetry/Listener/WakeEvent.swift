internal import Glibc

/// Wakes the loop's thread out of poll: a pipe that holds a byte when there is news.
struct WakeEvent: ~Copyable {
    /// For poll.
    let descriptor: Int32
    private let writer: Int32

    init() throws(TelemetryError) {
        var ends: (reader: Int32, writer: Int32) = (-1, -1)
        let code = withUnsafeMutableBytes(of: &ends) { pipe($0.assumingMemoryBound(to: Int32.self).baseAddress) }
        guard code == 0 else { throw .system(operation: "pipe", code: errno) }
        (descriptor, writer) = ends
        for end in [descriptor, writer] { Descriptor.keepFromBlocking(end) }
    }

    deinit {
        close(descriptor)
        close(writer)
    }

    /// A full pipe is news enough.
    borrowing func signal() {
        var byte: UInt8 = 1
        write(writer, &byte, 1)
    }

    borrowing func clear() {
        var bytes = (UInt64(0), UInt64(0))
        while read(descriptor, &bytes, 16) == 16 {}
    }
}

enum Descriptor {
    /// And from surviving exec.
    static func keepFromBlocking(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
}
