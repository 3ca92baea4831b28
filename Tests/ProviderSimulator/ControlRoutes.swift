import Foundation
import Hummingbird
import NIOCore

/// The tests' side of the simulator, below `/_simulator`.
struct ControlRoutes: Sendable {
    let rules: FaultRules
    let log: RequestLog

    func add(to router: Router<SimulatorContext>) {
        let group = router.group("_simulator")
        group.post("faults") { request, _ in
            let body = Data(try await request.body.collect(upTo: 1 << 20).readableBytesView)
            do {
                guard let value = try? JSONDecoder().decode(JSONValue.self, from: body) else {
                    throw APIError.unparsableBody
                }
                try rules.add(value)
                return Response(status: .noContent)
            } catch let error as APIError {
                return error.response()
            }
        }
        group.delete("faults") { _, _ in
            rules.removeAll()
            return HTTPResponse.Status.noContent
        }
        group.delete("requests") { _, _ in
            log.removeAll()
            return HTTPResponse.Status.noContent
        }
        group.get("requests", use: requests)
    }

    /// `?match=` part of a message · `?finished=true` · `?closed=true` (the client closed early) · `?wait=` seconds to
    /// wait until at least one request fits (at most 30).
    @Sendable private func requests(_ request: Request, _ context: SimulatorContext) async throws -> Response {
        let query = request.uri.queryParameters
        let match = query.get("match")
        let needsEnd = query.get("finished") == "true"
        let needsClose = query.get("closed") == "true"
        let deadline = ContinuousClock.now + .seconds(min(query.get("wait", as: Double.self) ?? 0, 30))
        while true {
            let entries = log.entries { entry in
                if needsEnd && entry.finishedAt == nil || needsClose && entry.clientClosedAt == nil { return false }
                guard let match else { return true }
                return entry.messages.contains { ChatCompletionRequest.text($0).contains(match) }
            }
            if !entries.isEmpty || ContinuousClock.now >= deadline {
                let body = JSONValue.members(["requests": .array(entries.map(\.json))])
                return ChatRoutes.json(body.rendered)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
