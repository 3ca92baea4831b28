/// The deadline that passed.
package enum HTTPPhase: String, Sendable, Hashable {
    case connect
    case firstByte = "first_byte"
    case silence
    case total
}
