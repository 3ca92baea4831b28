/// Chooses what of a conversation a model gets to see.
///
/// The newest message always goes; then whole turns from newest to oldest, as long as they fit. A turn is never split:
/// an
/// answer without its question would mislead the model.
package struct HistoryWindow: Sendable {
    /// The model's context, in tokens.
    package var contextTokens: Int
    /// What of it is kept free for the answer.
    package var reservedTokens: Int

    package init(contextTokens: Int, reservedTokens: Int) {
        self.contextTokens = contextTokens
        self.reservedTokens = reservedTokens
    }

    /// One question and, when it was answered, its answer.
    package struct Exchange: Sendable, Equatable {
        package var question: String
        package var answer: String?

        package init(question: String, answer: String?) {
            self.question = question
            self.answer = answer
        }
    }

    /// - Parameters:
    ///   - earlier: the exchanges before the question, oldest first.
    /// - Returns: the turns to send, oldest first.
    /// - Throws: `Failure` (permanent, `message_too_long`) when the question alone does not fit.
    package func turns(system: String?, earlier: [Exchange], question: String) throws(Failure) -> [ChatTurn] {
        let opening = system.map { [ChatTurn(.system, $0)] } ?? []
        let closing = ChatTurn(.user, question)
        var left = contextTokens - reservedTokens - Self.tokens(opening + [closing])
        guard left >= 0 else {
            throw Failure(
                .permanent, code: "message_too_long",
                message: "The message is too long for the model's context of \(contextTokens) tokens. Shorten it.")
        }
        var kept: [[ChatTurn]] = []
        for exchange in earlier.reversed() {
            let turns =
                [ChatTurn(.user, exchange.question)] + (exchange.answer.map { [ChatTurn(.assistant, $0)] } ?? [])
            left -= Self.tokens(turns)
            guard left >= 0 else { break }
            kept.append(turns)
        }
        return opening + kept.reversed().flatMap { $0 } + [closing]
    }

    /// An upper estimate for any tokenizer in use: English runs at about four bytes a token, other scripts at about
    /// three, and every message costs a few tokens of frame.
    package static func tokens(_ turns: [ChatTurn]) -> Int {
        turns.reduce(0) { $0 + tokens($1.content) + 5 }
    }

    /// See `tokens(_:)`; without the frame.
    package static func tokens(_ text: String) -> Int { (text.utf8.count + 2) / 3 }
}
