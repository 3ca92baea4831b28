import Domain
package import FoundationEssentials

extension User {
    /// Makes it an account nobody can use or recognise. Its address is free again at once: nobody can have the one it
    /// gets, because RFC 2606 reserves the domain.
    package mutating func close(at date: Date = Date()) {
        deletedAt = date
        isActive = false
        passwordHash = nil
        pendingEmail = nil
        name = ""
        email = EmailAddress("\(id)@deleted.invalid") ?? email
    }
}
