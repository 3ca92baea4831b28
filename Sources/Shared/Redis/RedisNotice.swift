/// What a subscription tells its reader.
package enum RedisNotice: Sendable, Equatable {
    /// A published message.
    case message([UInt8])
    /// Messages may be missing here: the connection was made anew, or the reader was too slow. Read the state anew.
    case gap
}
