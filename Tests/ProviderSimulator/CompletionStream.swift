import Foundation
import Hummingbird
import NIOCore

/// Writes one streamed answer, fault included. Stops as soon as the client has gone.
struct CompletionStream: Sendable {
    struct ClientGone: Error {}
    struct ConnectionCut: Error {}

    let completion: Completion
    let behaviour: Behaviour
    let channel: any Channel
    let signal: CloseSignal
    /// Called after each token with the number of tokens sent so far.
    let onToken: @Sendable (Int) -> Void

    private var lineEnd: String { behaviour.fault == .crlf ? "\r\n" : "\n" }

    func write(to writer: inout any ResponseBodyWriter) async throws {
        if behaviour.fault == .comments {
            try await raw(": SIMULATOR PROCESSING\(lineEnd)\(lineEnd)", to: &writer)
        }
        try await frame(completion.roleChunk, to: &writer)
        for index in 0..<completion.tokenCount {
            if try await isBroken(after: index, &writer) { return }
            try await pause(.milliseconds(Int64(behaviour.delayMilliseconds)))
            if behaviour.fault == .comments { try await raw(":\(lineEnd)", to: &writer) }
            try await frame(completion.textChunk(completion.token(index)), to: &writer)
            onToken(index + 1)
        }
        if try await isBroken(after: completion.tokenCount, isLast: true, &writer) { return }
        try await finish(&writer)
    }

    private func finish(_ writer: inout any ResponseBodyWriter) async throws {
        if behaviour.fault != .noFinish { try await frame(completion.finishChunk, to: &writer) }
        if completion.request.includesUsage && behaviour.fault != .noUsage {
            try await frame(completion.usageChunk, to: &writer)
        }
        if behaviour.fault != .noDone { try await raw("data: [DONE]\(lineEnd)\(lineEnd)", to: &writer) }
        if behaviour.fault == .linger { try await pause(.hours(1)) }
        try await writer.finish(nil)
    }

    /// Carries out a fault of the middle when its moment has come; one that names more tokens than there are comes
    /// after the last.
    /// - Returns: true when the answer ended with it.
    private func isBroken(
        after sent: Int, isLast: Bool = false, _ writer: inout any ResponseBodyWriter
    ) async throws -> Bool {
        func isDue(_ after: Int) -> Bool { sent == after || (isLast && after > sent) }
        switch behaviour.fault {
        case .cut(let after) where isDue(after): try await channel.cut(withReset: false)
        case .reset(let after) where isDue(after): try await channel.cut(withReset: true)
        case .end(let after) where isDue(after): try await writer.finish(nil)
        case .silence(let after) where isDue(after): try await pause(.hours(1))
        case .error(let after) where isDue(after): try await inBandError(&writer)
        case .brokenJSON(let after) where isDue(after):
            let whole = completion.textChunk(completion.token(sent)).rendered
            try await data(String(whole.prefix(whole.count / 2)), to: &writer)
            return false
        case .hugeFrame(let after) where isDue(after):
            try await frame(completion.textChunk(String(repeating: "x", count: behaviour.bytes)), to: &writer)
            return false
        default: return false
        }
        return true
    }

    private func inBandError(_ writer: inout any ResponseBodyWriter) async throws {
        let error = APIError(
            status: 200, message: "The server had an error while processing your request. Sorry about that!",
            type: behaviour.type ?? "server_error", code: behaviour.code)
        try await frame(error.body, to: &writer)
        try await writer.finish(nil)
    }

    private func pause(_ duration: TimeAmount) async throws {
        let isGone = duration == .zero ? signal.closedAt != nil : await signal.wait(duration, on: channel.eventLoop)
        if isGone { throw ClientGone() }
    }

    // MARK: Frames

    private func frame(_ chunk: JSONValue, to writer: inout any ResponseBodyWriter) async throws {
        try await data(dressed(chunk).rendered, to: &writer)
    }

    private func data(_ text: String, to writer: inout any ResponseBodyWriter) async throws {
        try await raw("data: \(text)\(lineEnd)\(lineEnd)", to: &writer)
    }

    private func raw(_ text: String, to writer: inout any ResponseBodyWriter) async throws {
        if signal.closedAt != nil { throw ClientGone() }
        try await writer.write(ByteBuffer(string: text))
    }

    /// Adds what some servers add to a chunk beyond OpenAI's members.
    private func dressed(_ chunk: JSONValue) -> JSONValue {
        guard case .object(var members) = chunk, members.contains(where: { $0.name == "choices" }) else { return chunk }
        switch behaviour.fault {
        case .unknownFields:
            members.append(.init(name: "provider", value: "Simulator"))
            members.append(
                .init(name: "x_timings", value: .members(["predicted_ms": .number(1.5), "list": [1, "a"]])))
        case .usageInEveryChunk where chunk["usage"]?.isNull ?? true:
            members.removeAll { $0.name == "usage" }
            members.append(.init(name: "usage", value: completion.usage))
        case .nullChoices where chunk["choices"] == .array([]):
            members = members.map { $0.name == "choices" ? .init(name: "choices", value: .null) : $0 }
        default: break
        }
        return .object(members)
    }
}

extension Channel {
    /// Closes the connection at once, by FIN or by RST.
    /// - Throws: `CompletionStream.ConnectionCut`, always: nothing can be written after it.
    func cut(withReset: Bool) async throws {
        if withReset, let options = self as? any SocketOptionProvider {
            try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try? await close(mode: .all)
        throw CompletionStream.ConnectionCut()
    }
}
