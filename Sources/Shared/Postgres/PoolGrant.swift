/// What a caller of the pool gets.
enum PoolGrant<Connection> {
    case connection(Connection)
    /// A free slot: open a connection in it, then report `opened` or `openFailed`.
    case slot
}

extension PoolGrant: Sendable where Connection: Sendable {}
