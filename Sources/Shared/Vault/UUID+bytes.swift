import FoundationEssentials

extension UUID {
    /// Its 16 bytes in network order (RFC 9562 section 4).
    var bytes: [UInt8] { withUnsafeBytes(of: uuid) { Array($0) } }

    /// `nil` unless there are 16.
    init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var uuid: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &uuid) { $0.copyBytes(from: bytes) }
        self.init(uuid: uuid)
    }

    /// In lower case, as PostgreSQL and the API print it.
    var text: String { uuidString.lowercased() }

    /// Exactly what `text` writes.
    init?(text: String) {
        guard let uuid = UUID(uuidString: text), uuid.text.utf8.elementsEqual(text.utf8) else { return nil }
        self = uuid
    }
}
