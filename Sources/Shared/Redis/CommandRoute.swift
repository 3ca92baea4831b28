/// Which node of a cluster a command belongs to.
enum CommandRoute: Equatable, Sendable {
    /// The one that serves this slot.
    case slot(Int)
    /// Any; for a message the one that serves the channel's slot comes first, so that one channel's messages from one
    /// client stay in order.
    case anyNode(preferredSlot: Int?)
    /// None: its keys lie in different slots.
    case differentSlots

    /// Works on the encoded form, so that commands for a single server need not remember where their keys are.
    init(_ command: RedisCommand) {
        let words = EncodedWords(command.encoded)
        let name = words.isEmpty ? "" : String(decoding: words[0], as: UTF8.self).uppercased()
        if name == "PUBLISH" {
            self = .anyNode(preferredSlot: words.count > 1 ? KeySlot.of(words[1]) : nil)
            return
        }
        let rule = KeyRule.rules[name] ?? .only(1)
        let slots = rule.keyIndexes(words).map { KeySlot.of(words[$0]) }
        guard let first = slots.first else {
            self = .anyNode(preferredSlot: nil)
            return
        }
        self = slots.allSatisfy { $0 == first } ? .slot(first) : .differentSlots
    }
}
