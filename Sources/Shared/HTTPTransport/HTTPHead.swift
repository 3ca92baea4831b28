/// Status and headers as one value, handed from the loop to the waiting caller.
struct HTTPHead: Sendable {
    var status: Int
    var headers: HTTPHeaders
}
