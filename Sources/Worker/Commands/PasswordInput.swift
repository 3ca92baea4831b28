import Settings

#if canImport(Glibc)
import Glibc
#endif

/// A password from standard input: never an argument, which others can read.
enum PasswordInput {
    static let maxBytes = 4096

    /// One line without its end. Asks for it, and shows nothing of what is typed, where a person sits there.
    /// - Returns: `nil` at the end of the input, or when the line is no text.
    static func read(prompt: String) -> String? {
        guard isatty(STDIN_FILENO) == 1 else { return line() }
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return line() }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        StandardError.write(prompt)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            StandardError.write("\n")
        }
        return line()
    }

    private static func line() -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count <= maxBytes {
            let count = Glibc.read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1, byte != 10 else { break }
            bytes.append(byte)
        }
        if bytes.last == 13 { bytes.removeLast() }
        return bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self)
    }
}
