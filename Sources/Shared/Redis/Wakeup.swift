import CHiredis
import Glibc

/// Wakes a thread that sleeps in poll(2): an eventfd (https://man7.org/linux/man-pages/man2/eventfd.2.html).
///
/// When the process has no descriptor left, the thread is not woken but looks by itself every `fallbackMilliseconds`.
final class Wakeup: Sendable {
    static let fallbackMilliseconds: Int64 = 10

    let descriptor: Int32

    init() { descriptor = errand_eventfd() }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func ring() {
        guard descriptor >= 0 else { return }
        _ = eventfd_write(descriptor, 1)
    }

    func silence() {
        guard descriptor >= 0 else { return }
        var count: eventfd_t = 0
        _ = eventfd_read(descriptor, &count)
    }
}
