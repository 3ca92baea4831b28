/// Why a line is not imported, in words that hold nothing of it.
struct ImportRefusal: Error, Equatable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
