import Domain
import HTTPTransport

/// The events of one answer. Ends only after `finished`; an answer that stops in any other way throws `Failure`,
/// Domain's.
///
/// For one reader. Dropping the stream before its end, or cancelling the reading task, closes the connection.
package struct ChatStream: AsyncSequence, Sendable {
    package typealias Element = ChatEvent

    private let body: HTTPBody
    private let decoder: OpenAIStreamDecoder

    init(body: HTTPBody, decoder: OpenAIStreamDecoder) {
        self.body = body
        self.decoder = decoder
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(body: body, decoder: decoder)
    }

    package struct AsyncIterator: AsyncIteratorProtocol {
        private let body: HTTPBody
        private var bytes: HTTPBody.AsyncIterator
        private var decoder: OpenAIStreamDecoder
        /// Decoded and not yet handed out, in reverse order.
        private var pending: [ChatEvent] = []
        private var isOver = false

        fileprivate init(body: HTTPBody, decoder: OpenAIStreamDecoder) {
            self.body = body
            self.bytes = body.makeAsyncIterator()
            self.decoder = decoder
        }

        package mutating func next() async throws -> ChatEvent? {
            while pending.isEmpty {
                if isOver { return nil }
                do throws(Domain.Failure) {
                    try await advance()
                } catch {
                    isOver = true
                    body.cancel()
                    throw error
                }
            }
            return pending.popLast()
        }

        private mutating func advance() async throws(Domain.Failure) {
            if let failure = decoder.failure { throw failure }
            if decoder.isComplete {
                isOver = true
                // Normally nothing follows, and the connection can serve the next request.
                _ = await body.beginning(upTo: 64 * 1024, within: .milliseconds(250))
                return
            }
            guard let chunk = try await nextChunk() else { throw decoder.failureAtEnd }
            pending = decoder.feed(chunk).reversed()
        }

        private mutating func nextChunk() async throws(Domain.Failure) -> [UInt8]? {
            do {
                return try await bytes.next()
            } catch let error as HTTPTransportError {
                throw Domain.Failure(error, hasAnswer: true)
            } catch {
                throw Domain.Failure(
                    .cancelled, code: "cancelled", message: "The request to the provider was cancelled.")
            }
        }
    }
}
