import Synchronization

/// A value that tasks of one test share.
final class Box<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>
    init(_ value: Value) { mutex = Mutex(value) }
    var value: Value { mutex.withLock { $0 } }
    func change(_ body: (inout sending Value) throws -> Void) rethrows { try mutex.withLock { try body(&$0) } }
}
