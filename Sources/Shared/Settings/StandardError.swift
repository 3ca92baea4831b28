#if canImport(Glibc)
import Glibc
#endif

/// For what a process has to say before it can log.
package enum StandardError {
    package static func write(_ text: String) {
        var text = text
        // Nothing can be done about a standard error that is closed.
        text.withUTF8 { bytes in _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }
}
