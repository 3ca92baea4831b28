/// Says whether bytes are UTF-8 (RFC 3629 section 4) while they come in pieces: a character may be cut anywhere.
struct UTF8Check {
    /// How many bytes of the character that has begun are still to come.
    private var missing = 0
    /// What the next of them may be. Only the second byte of a character is ever restricted further.
    private var next: ClosedRange<UInt8> = 0x80...0xBF

    /// Nothing of a character is missing.
    var isComplete: Bool { missing == 0 }

    /// False when no continuation can make these bytes valid; further calls then mean nothing.
    mutating func accepts(_ bytes: some Sequence<UInt8>) -> Bool {
        for byte in bytes where missing > 0 || byte >= 0x80 {
            if missing > 0 {
                guard next.contains(byte) else { return false }
                missing -= 1
                next = 0x80...0xBF
            } else if !begins(byte) {
                return false
            }
        }
        return true
    }

    private mutating func begins(_ byte: UInt8) -> Bool {
        switch byte {
        case 0xC2...0xDF: (missing, next) = (1, 0x80...0xBF)
        case 0xE0: (missing, next) = (2, 0xA0...0xBF)
        case 0xED: (missing, next) = (2, 0x80...0x9F)
        case 0xE1...0xEF: (missing, next) = (2, 0x80...0xBF)
        case 0xF0: (missing, next) = (3, 0x90...0xBF)
        case 0xF1...0xF3: (missing, next) = (3, 0x80...0xBF)
        case 0xF4: (missing, next) = (3, 0x80...0x8F)
        default: return false
        }
        return true
    }
}
