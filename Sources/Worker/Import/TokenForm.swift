import Vault

/// How another system keeps its tokens.
enum TokenForm: Sendable {
    case plain
    /// By Python's `Fernet` or `MultiFernet`.
    case fernet([FernetKey])
    /// `v{n}:{iv}:{tag}:{data}`, AES-256-GCM.
    case versioned(VersionedImport)

    /// A token in plain text.
    /// - Parameter field: what it is called where it is refused.
    func open(_ text: String, _ field: String) throws(ImportRefusal) -> String {
        let bytes: [UInt8]
        do throws(SealingError) {
            switch self {
            case .plain: bytes = Array(text.utf8)
            case .fernet(let keys): bytes = try FernetToken(text).open(by: keys)
            case .versioned(let keys): bytes = try keys.open(text)
            }
        } catch {
            throw ImportRefusal("\(field) \(Self.words(error))")
        }
        // https://www.rfc-editor.org/rfc/rfc6749#appendix-A.12, without the space that no header takes.
        guard (1...Self.maxTokenBytes).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw ImportRefusal("\(field) is no token")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Sealed it fits its column.
    private static let maxTokenBytes = 14_000

    private static func words(_ error: SealingError) -> String {
        switch error {
        case .malformed: "is not sealed in this form"
        case .unknownKeyVersion: "is sealed by a key of another number"
        case .notAuthentic: "is not sealed by any of these keys, or was changed"
        case .unknownMasterKey(let id): "needs the master key \(id)"
        }
    }
}
