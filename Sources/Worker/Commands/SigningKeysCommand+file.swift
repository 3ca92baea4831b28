import ArgumentParser
import Domain
import Vault

#if canImport(Glibc)
import Glibc
#endif

extension SigningKeysCommand {
    /// Whether something has that name, readable or not: a file that is there is never replaced by a new one.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 || errno != ENOENT }

    static func write(_ keys: [SigningKey], to writer: inout JSONWriter) {
        writer.object { object in
            object.key("keys")
            object.array { array in
                for (index, key) in keys.enumerated() {
                    array.object { inner in
                        inner.field("kid", key.kid)
                        inner.field("alg", key.algorithm.rawValue)
                        inner.field("signs", index == 0)
                    }
                }
            }
        }
    }

    /// An error of the file becomes a message and an exit status of sysexits.h.
    static func explained(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as VaultError {
            throw ExitCode.refuse("\(error)")
        }
    }
}

extension ExitCode {
    static func noKey(_ name: String) -> ExitCode { refuse("there is no key \(name) in the file") }
}

extension SignatureAlgorithm: ExpressibleByArgument {
    package init?(argument: String) {
        guard let found = Self.allCases.first(where: { $0.rawValue.lowercased() == argument.lowercased() }) else {
            return nil
        }
        self = found
    }
}
