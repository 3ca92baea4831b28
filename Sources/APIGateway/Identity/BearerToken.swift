import HTTPTypes

/// The credentials of `Authorization: Bearer …`, RFC 6750 section 2.1.
enum BearerToken {
    /// `nil` when there are none.
    static func read(_ headers: HTTPFields) -> String? {
        guard let header = headers[.authorization], let space = header.utf8.firstIndex(of: UInt8(ascii: " ")),
            header[..<space].lowercased() == "bearer"
        else { return nil }
        let token = header[space...].drop { $0 == " " }
        return token.isEmpty ? nil : String(token)
    }
}
