import Redis

/// The Lua scripts of `Jobs/Lua`, compiled into the program.
enum JobScripts {
    static let push = script("push", PackageResources.push_lua)
    static let take = script("take", PackageResources.take_lua)
    static let acknowledge = script("acknowledge", PackageResources.acknowledge_lua)
    static let giveBack = script("give_back", PackageResources.give_back_lua)
    static let append = script("append", PackageResources.append_lua)

    private static func script(_ name: String, _ source: [UInt8]) -> RedisScript {
        RedisScript(name: name, source: String(decoding: source, as: UTF8.self))
    }
}
