import NIOCore
import NIOHTTP1

/// Refuses requests whose Host field is missing, doubled or no host: RFC 9112 section 3.2 wants 400 for each, because a
/// proxy and this server could read two different hosts out of such a request. HTTP/1.0 needs none, and has its
/// connection closed after the answer (section 9.3). Goes before the codec, which drops what it does not understand.
final class HostCheck: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// What is fired for such a request, whose parts go no further.
    struct WrongHost: Error {}

    private var isRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isRefused { return }
        guard case .head(var head) = Self.unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        guard Self.isRight(head) else {
            isRefused = true
            return context.fireErrorCaught(WrongHost())
        }
        if Self.isOld(head) { head.headers.replaceOrAdd(name: "Connection", value: "close") }
        context.fireChannelRead(Self.wrapInboundOut(.head(head)))
    }

    private static func isOld(_ head: HTTPRequestHead) -> Bool { head.version.major == 1 && head.version.minor == 0 }

    static func isRight(_ head: HTTPRequestHead) -> Bool {
        let hosts = head.headers["Host"]
        guard let host = hosts.first else { return isOld(head) }
        return hosts.count == 1 && host.utf8.allSatisfy(isOfHost)
    }

    /// Bytes of RFC 3986's `host [":" port]`; an empty one is allowed.
    private static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~%!$&'()*+;=:[]".utf8.contains(byte)
        }
    }
}
