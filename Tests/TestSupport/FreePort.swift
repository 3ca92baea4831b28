import Foundation

/// A port of 127.0.0.1 for a server that a test starts.
package enum FreePort {
    package struct NoneLeft: Error {}

    /// A port nobody listens on now. Below the range from which the system takes ports for outgoing connections, so
    /// that
    /// it stays free while the server that uses it is started again.
    package static func choose() throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: 15_000..<32_000)
            if isFree(port) { return port }
        }
        throw NoneLeft()
    }

    /// Returns when somebody listens on the port; a server that was just started gets 10 s. Blocks its thread.
    package static func awaitListener(_ port: Int) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !succeeds(connect, port) {
            if ContinuousClock.now > deadline { throw NobodyListens() }
            usleep(2_000)
        }
    }

    package struct NobodyListens: Error {}

    private static func isFree(_ port: Int) -> Bool { succeeds(bind, port) }

    /// Whether `bind` or `connect` takes this port of 127.0.0.1.
    private static func succeeds(
        _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ port: Int
    ) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                call(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
