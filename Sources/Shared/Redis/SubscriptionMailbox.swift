import Synchronization

/// Where readers leave their wishes for the subscriber's thread.
final class SubscriptionMailbox: Sendable {
    typealias Member = SubscriptionTable.Member

    struct Entrance {
        let member: Member
        let channel: String
        let buffer: SubscriptionBuffer
        let continuation: CheckedContinuation<Void, any Error>
    }

    enum Wish {
        case enter(Entrance)
        case leave(Member)
    }

    private struct Contents {
        var wishes: [Wish] = []
        var members: Set<Member> = []
        var lastMember: Member = 0
        var isOwnerAsleep = false
        var isClosed = false
    }

    private let contents = Mutex(Contents())
    private let wakeup: Wakeup
    private let maxSubscriptions: Int

    init(wakeup: Wakeup, maxSubscriptions: Int) {
        self.wakeup = wakeup
        self.maxSubscriptions = maxSubscriptions
    }

    /// A number for a subscription to come. It counts until `cancel`.
    func newMember() throws(RedisError) -> Member {
        let member = contents.withLock { contents -> Result<Member, RedisError> in
            if contents.isClosed { return .failure(.closed(isOutcomeUnknown: false)) }
            if contents.members.count >= maxSubscriptions { return .failure(.overloaded) }
            contents.lastMember += 1
            contents.members.insert(contents.lastMember)
            return .success(contents.lastMember)
        }
        return try member.get()
    }

    /// The continuation is resumed in every case.
    func enter(_ entrance: Entrance) {
        let outcome = contents.withLock { contents -> Result<Bool, any Error> in
            if contents.isClosed { return .failure(RedisError.closed(isOutcomeUnknown: false)) }
            guard contents.members.contains(entrance.member) else { return .failure(CancellationError()) }
            return .success(Self.leave(.enter(entrance), in: &contents))
        }
        switch outcome {
        case .success(let mustRing): if mustRing { wakeup.ring() }
        case .failure(let error): entrance.continuation.resume(throwing: error)
        }
    }

    /// Only the first call for a member has an effect; also when the member has not entered yet.
    func cancel(_ member: Member) {
        let mustRing = contents.withLock { contents in
            guard contents.members.remove(member) != nil, !contents.isClosed else { return false }
            return Self.leave(.leave(member), in: &contents)
        }
        if mustRing { wakeup.ring() }
    }

    func take() -> [Wish] {
        contents.withLock { contents in
            contents.isOwnerAsleep = false
            defer { contents.wishes = [] }
            return contents.wishes
        }
    }

    func ownerGoesToSleep() -> Bool {
        contents.withLock { contents in
            contents.isOwnerAsleep = contents.wishes.isEmpty
            return contents.isOwnerAsleep
        }
    }

    func close() { contents.withLock { $0.isClosed = true } }

    /// True when the owner must be woken.
    private static func leave(_ wish: Wish, in contents: inout Contents) -> Bool {
        contents.wishes.append(wish)
        defer { contents.isOwnerAsleep = false }
        return contents.isOwnerAsleep
    }
}
