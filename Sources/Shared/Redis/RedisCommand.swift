/// A command in the form in which it goes over the wire: an array of bulk strings.
///
/// The bytes are made once, by the caller, so that the connection's thread only copies them. Doing it here rather
/// than in hiredis' `redisFormatCommandArgv` saves that function's arrays of pointers and its second copy.
package struct RedisCommand: Sendable {
    /// The first word as given (`LPUSH`), the only part of a command that errors and logs may carry.
    package let name: String
    let encoded: [UInt8]

    /// The name of the command, then its keys and arguments. An empty command is a programmer's mistake.
    package init(_ words: [RedisWord]) {
        guard case .text(let name)? = words.first else {
            preconditionFailure("the first word of a Redis command is its name")
        }
        self.init(name: name, words)
    }

    /// `name` is what errors call the command: a script's name instead of EVALSHA.
    init(name: String, _ words: [RedisWord]) {
        self.name = name
        self.encoded = Self.encode(words)
    }

    private static func encode(_ words: [RedisWord]) -> [UInt8] {
        var capacity = 16
        for word in words { capacity += 24 + word.byteCountHint }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(capacity)
        bytes.append(UInt8(ascii: "*"))
        bytes.appendDecimal(words.count)
        bytes.appendLineEnd()
        for word in words { word.append(to: &bytes) }
        return bytes
    }
}

extension RedisCommand: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "\(name) (\(encoded.count) bytes)" }
    package var debugDescription: String { description }
}

extension RedisWord {
    fileprivate var byteCountHint: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .raw(let bytes): bytes.count
        case .number: 20
        }
    }

    fileprivate func append(to bytes: inout [UInt8]) {
        switch self {
        case .text(let text):
            bytes.appendBulkHeader(text.utf8.count)
            bytes.append(contentsOf: text.utf8)
        case .raw(let raw):
            bytes.appendBulkHeader(raw.count)
            bytes.append(contentsOf: raw)
        case .number(let number):
            var digits: [UInt8] = []
            digits.appendDecimal(number)
            bytes.appendBulkHeader(digits.count)
            bytes.append(contentsOf: digits)
        }
        bytes.appendLineEnd()
    }
}

extension [UInt8] {
    fileprivate mutating func appendBulkHeader(_ count: Int) {
        append(UInt8(ascii: "$"))
        appendDecimal(count)
        appendLineEnd()
    }

    fileprivate mutating func appendLineEnd() {
        append(UInt8(ascii: "\r"))
        append(UInt8(ascii: "\n"))
    }

    fileprivate mutating func appendDecimal(_ number: Int) {
        if (0..<10).contains(number) {
            append(UInt8(ascii: "0") + UInt8(number))
        } else if (10..<100).contains(number) {
            append(UInt8(ascii: "0") + UInt8(number / 10))
            append(UInt8(ascii: "0") + UInt8(number % 10))
        } else {
            append(contentsOf: String(number).utf8)
        }
    }
}
