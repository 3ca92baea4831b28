import Domain
import HTTPTypes
import Hummingbird
import Logging
import Postgres
import Store
import Vault

/// Gives every answer its request id, and makes every error a problem. Outermost.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let problem = Self.problem(error)
            Self.report(problem, error, request, context)
            response = problem.response(requestID: context.requestID)
        }
        response.headers[.xRequestID] = context.requestID
        response.headers.append(contentsOf: context.notes.headers)
        return response
    }

    private static func report(
        _ problem: Problem, _ error: any Error, _ request: Request, _ context: GatewayContext
    ) {
        let logger = context.logger
        var metadata: Logger.Metadata = [
            "method": "\(request.method)", "status": "\(problem.status.code)", "code": "\(problem.code)",
        ]
        // A path that leads nowhere may hold anything, also a token that belongs elsewhere.
        let route = context.endpointPath ?? "NotFound"
        metadata["path"] = route == "NotFound" ? "none" : "\(request.uri.path)"
        if problem.status.code >= 500 {
            metadata["error"] = "\(error)"
            logger.error("request failed", metadata: metadata)
        } else {
            logger.info("request refused", metadata: metadata)
        }
    }

    static func problem(_ error: any Error) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let invalid as InvalidCommand: return .invalid(invalid.problems)
        case let full as SocketCensus.Full: return full.problem
        case is Conversations.NotFound: return .notFound("conversation")
        case let company as CompanyError: return .company(company)
        case let task as TaskError: return .task(task)
        case let connection as ConnectionError: return .connection(connection)
        case let calendar as CalendarError: return .calendar(calendar)
        case let sealing as SealingError: return .sealing(sealing)
        case let decoding as DecodingError: return BodyReader.problem(decoding)
        case let http as HTTPError: return self.http(http)
        case let postgres as PostgresError: return self.postgres(postgres)
        default:
            return Problem(
                status: .internalServerError, code: "internal_error",
                detail: "Something went wrong here. Try again; if it stays, report the request id.")
        }
    }

    private static func http(_ error: HTTPError) -> Problem {
        switch error.status {
        case .notFound:
            return Problem(status: .notFound, code: "not_found", detail: "There is nothing at this address.")
        case .methodNotAllowed:
            return Problem(
                status: .methodNotAllowed, code: "method_not_allowed", detail: "This address does not take this method."
            )
        case .contentTooLarge:
            return Problem(
                status: .contentTooLarge, code: "body_too_large",
                detail: "The body is larger than \(BodyReader.maxBytes) bytes.")
        default:
            return Problem(
                status: error.status, code: "http_\(error.status.code)", detail: error.status.reasonPhrase,
                headers: error.headers)
        }
    }

    private static func postgres(_ error: PostgresError) -> Problem {
        switch error {
        case .server(let state, _, _, _) where state.isDataError:
            return Problem(
                status: .unprocessableContent, code: "unstorable",
                detail: "The request holds something the database cannot store, such as the character U+0000.")
        case .overloaded, .tooManyWaiters, .acquireTimeout:
            return .unavailable("overloaded", "Too many requests wait for the database. Try again shortly.")
        default:
            return .unavailable(
                "database_unavailable",
                "The database does not answer. Try again; a POST with an Idempotency-Key is never done twice."
            )
        }
    }
}

extension HTTPField.Name {
    static let xRequestID = HTTPField.Name("X-Request-Id")!
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    static let idempotencyReplayed = HTTPField.Name("Idempotency-Replayed")!
    static let lastEventID = HTTPField.Name("Last-Event-ID")!
    static let xAccelBuffering = HTTPField.Name("X-Accel-Buffering")!
}
