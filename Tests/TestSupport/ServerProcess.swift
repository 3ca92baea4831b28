package import Foundation
import Synchronization

/// A program of this package run as a process of its own, so that a test can kill it.
package final class ServerProcess: Sendable {
    private struct State {
        var lines: [String] = []
        var rest = ""
        var status: Int32?
        var waiters: [(id: Int, test: @Sendable (String) -> Bool, continuation: CheckedContinuation<String?, Never>)] =
            []
        var exits: [CheckedContinuation<Int32, Never>] = []
        var nextID = 0
    }

    package let name: String
    package let processID: Int32
    private let state: Mutex<State>

    /// Where the built programs are: beside the running test bundle.
    package static let directory = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()

    /// Finds a program of the system by PATH: its name is the first argument then.
    package static let byPath = URL(fileURLWithPath: "/usr/bin/env")

    private static let inherited = ProcessInfo.processInfo.environment.filter {
        ["PATH", "HOME", "TMPDIR", "LANG", "TZ", "LD_LIBRARY_PATH"].contains($0.key)
    }

    /// - Parameters:
    ///   - environment: its settings. From this process's own it gets what any program needs and nothing else, so that
    ///     what is set outside changes no test.
    ///   - input: what it reads from standard input; short.
    package init(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], at path: URL? = nil,
        input: String? = nil
    ) throws {
        let process = Process()
        process.executableURL = path ?? Self.directory.appendingPathComponent(program)
        process.arguments = arguments
        process.environment = Self.inherited.merging(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        let typed = input.map { _ in Pipe() }
        process.standardInput = typed ?? FileHandle.nullDevice
        name = program
        state = Mutex(State())
        try process.run()
        processID = process.processIdentifier
        if let typed, let input {
            try typed.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try typed.fileHandleForWriting.close()
        }
        let isRead = DispatchSemaphore(value: 0)
        // A thread of its own: a dispatch source would still be watching the descriptor when it is closed.
        Thread.detachNewThread { [self] in
            while case let data = output.fileHandleForReading.availableData, !data.isEmpty {
                read(String(decoding: data, as: UTF8.self))
            }
            isRead.signal()
        }
        process.terminationHandler = { [self] process in
            // Its last words first; a child of its own that lives on may keep the pipe open.
            _ = isRead.wait(timeout: .now() + 5)
            ended(process.terminationStatus)
        }
    }

    /// What it has printed, line by line.
    package var lines: [String] { state.withLock { $0.lines } }

    /// The first line, printed already or still to come, that passes the test. `nil` when the process ends before.
    package func line(_ test: @escaping @Sendable (String) -> Bool) async -> String? {
        await withCheckedContinuation { continuation in
            let found = state.withLock { state -> String?? in
                if let line = state.lines.first(where: test) { return .some(line) }
                if state.status != nil { return .some(nil) }
                state.nextID += 1
                state.waiters.append((state.nextID, test, continuation))
                return nil
            }
            if let found { continuation.resume(returning: found) }
        }
    }

    /// Waits for the end and gives the exit status.
    @discardableResult
    package func exit() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status = state.withLock { state -> Int32? in
                if state.status == nil { state.exits.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    package var isRunning: Bool { state.withLock { $0.status == nil } }

    package func signal(_ signal: Int32) {
        if isRunning { kill(processID, signal) }
    }

    /// `kill -9`, and waits until it is gone.
    package func killNow() async {
        signal(SIGKILL)
        await exit()
    }

    private func read(_ text: String) {
        let found = state.withLock { state in
            var parts = (state.rest + text).components(separatedBy: "\n")
            state.rest = parts.removeLast()
            state.lines += parts
            var found: [(CheckedContinuation<String?, Never>, String)] = []
            state.waiters.removeAll { waiter in
                guard let line = parts.first(where: waiter.test) else { return false }
                found.append((waiter.continuation, line))
                return true
            }
            return found
        }
        for (continuation, line) in found { continuation.resume(returning: line) }
    }

    private func ended(_ status: Int32) {
        let (exits, waiters) = state.withLock { state in
            state.status = status
            defer { (state.exits, state.waiters) = ([], []) }
            return (state.exits, state.waiters)
        }
        for exit in exits { exit.resume(returning: status) }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }
}
