import Redis

/// The Lua scripts of `Jobs/Lua`, compiled into the program.
enum JobScripts {
    static let push = script("push", PackageResources.push_lua)
    static let take = script("take", PackageResources.take_lua)
    static let giveBack = script("give_back", PackageResources.give_back_lua)
    static let release = script("release", PackageResources.release_lua)
    static let missing = script("missing", PackageResources.missing_lua)
    static let feed = script("feed", PackageResources.feed_lua)
    static let append = script("append", PackageResources.append_lua)

    private static func script(_ name: String, _ source: [UInt8]) -> RedisScript {
        RedisScript(name: name, source: String(decoding: source, as: UTF8.self))
    }
}
