#if DEBUG
/// Checked while developing: a caller resumed twice or never is reported.
typealias ReplyContinuation = CheckedContinuation<RedisReply, any Error>
#else
typealias ReplyContinuation = UnsafeContinuation<RedisReply, any Error>
#endif

func withReplyContinuation(_ body: (ReplyContinuation) -> Void) async throws -> RedisReply {
    #if DEBUG
    try await withCheckedThrowingContinuation(body)
    #else
    try await withUnsafeThrowingContinuation(body)
    #endif
}
