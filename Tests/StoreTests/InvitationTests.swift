import Domain
import Jobs
import Postgres
import Store
import TestSupport
import Testing

@Suite struct InvitationTests {
    private static func mail(_ id: InvitationID) -> JobSpecification {
        JobSpecification(
            kind: JobKind(rawValue: "mail.send"), queue: .default, payload: Array(#"{"invitation_id":"\#(id)"}"#.utf8))
    }

    private func invite(
        _ email: String, _ role: Role = .member, to company: CompanyID, _ caller: Caller, _ people: People
    ) async throws -> Invitation {
        let address = try #require(EmailAddress(email))
        return try await people.invitations.invite(address, as: role, to: company, caller, mail: Self.mail)
    }

    @Test func `an invitation and its mail are written together or not at all`() async throws {
        try await People.with { people in
            let founder = try await people.person()
            let id = try await people.company(of: founder)
            let invitation = try await invite("New@Example.com", to: id, people.caller(founder), people)
            #expect(invitation.email == "new@example.com")
            #expect(invitation.invitedBy == founder)
            let jobs = "SELECT count(*) FROM jobs WHERE payload->>'invitation_id' = '\(invitation.id)'"
            #expect(try await people.count(jobs + " AND tenant_id = '\(TenantID.operators)'") == 1)
            let (member, stranger) = (try await people.member(of: id, .member), try await people.person())
            await #expect(throws: CompanyError.notPermitted(.writeCompany)) {
                _ = try await invite("x@example.com", to: id, people.caller(member), people)
            }
            await #expect(throws: CompanyError.notFound) {
                _ = try await invite("x@example.com", to: id, people.caller(stranger), people)
            }
            await #expect(throws: CompanyError.notFound) {
                _ = try await invite("x@example.com", to: id, people.key(of: TenantID(founder)), people)
            }
            let admin = people.caller(try await people.member(of: id, .admin))
            await #expect(throws: CompanyError.ownersOnly) {
                _ = try await invite("x@example.com", .owner, to: id, admin, people)
            }
            await #expect(throws: CompanyError.alreadyMember) {
                _ = try await invite("\(member)@example.com", to: id, admin, people)
            }
            #expect(try await people.count("SELECT count(*) FROM jobs") == 1)
            #expect(try await people.count("SELECT count(*) FROM invitations") == 1)
            let open = try await people.invitations.list(of: id, before: nil, limit: 10, admin)
            #expect(open.map(\.id) == [invitation.id])
        }
    }

    @Test func `only a verified account of the invited address accepts`() async throws {
        try await People.with { people in
            let founder = try await people.person()
            let id = try await people.company(of: founder)
            let invitation = try await invite("new@example.com", .admin, to: id, people.caller(founder), people)
            let other = try await people.person("other@example.com")
            let user = try await people.person("new@example.com", isVerified: false)
            func accept(_ user: UserID) async throws -> Company {
                try await people.invitations.accept(invitation.id, to: id, by: user, people.caller(user))
            }
            await #expect(throws: CompanyError.otherAddress) { _ = try await accept(other) }
            await #expect(throws: CompanyError.unverified) { _ = try await accept(user) }
            #expect(try await people.companies.role(of: user, in: id) == nil)
            try await people.engine.owner.script("UPDATE users SET is_verified = true")
            #expect(try await accept(user).role == .admin)
            #expect(try await people.companies.role(of: user, in: id) == .admin)
            await #expect(throws: CompanyError.invitationEnded) { _ = try await accept(user) }
            // Who was removed does not come back by the old mail.
            try await people.companies.remove(user, from: id, people.caller(founder))
            await #expect(throws: CompanyError.invitationEnded) { _ = try await accept(user) }
            let actions = try await people.actions(in: TenantID(id))
            #expect(actions == [.companyCreated, .invitationSent, .memberAdded, .memberRemoved])
        }
    }

    @Test func `an invitation is shown while it is open, with who invites as long as they are a member`() async throws {
        try await People.with { people in
            let founder = try await people.person("ada@example.com")
            let (id, owner) = (try await people.company(of: founder), people.caller(founder))
            let admin = try await people.member(of: id, .admin)
            let invitation = try await invite("new@example.com", .viewer, to: id, people.caller(admin), people)
            func preview() async throws -> Invitations.Preview {
                try await people.invitations.preview(invitation.id, to: id)
            }
            let shown = try await preview()
            #expect(shown.companyName == "Acme" && shown.role == .viewer && shown.expiresAt == invitation.expiresAt)
            #expect(shown.inviter?.name == "Somebody" && shown.inviter?.email == "\(admin)@example.com")
            try await people.companies.remove(admin, from: id, owner)
            #expect(try await preview().inviter?.email == nil)
            let byKey = try await invite("x@example.com", to: id, people.key(of: TenantID(id)), people)
            #expect(try await people.invitations.preview(byKey.id, to: id).inviter?.email == nil)
            let elsewhere = try await people.company(of: founder)
            await #expect(throws: CompanyError.invitationEnded) {
                _ = try await people.invitations.preview(invitation.id, to: elsewhere)
            }
            try await people.invitations.revoke(invitation.id, of: id, owner)
            await #expect(throws: CompanyError.invitationEnded) { _ = try await preview() }
        }
    }

    @Test func `an invitation is accepted once`() async throws {
        try await People.with { people in
            let founder = try await people.person()
            let id = try await people.company(of: founder)
            let invitation = try await invite("new@example.com", to: id, people.caller(founder), people)
            let user = try await people.person("new@example.com")
            let accepted = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        do {
                            _ = try await people.invitations.accept(
                                invitation.id, to: id, by: user, people.caller(user))
                            return true
                        } catch CompanyError.invitationEnded {
                            return false
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(accepted == 1)
        }
    }

    @Test func `what was revoked, replaced, or has expired is not accepted`() async throws {
        try await People.with { people in
            let founder = try await people.person()
            let (id, owner) = (try await people.company(of: founder), people.caller(founder))
            let user = try await people.person("new@example.com")
            func accept(_ invitation: Invitation, to company: CompanyID) async throws {
                _ = try await people.invitations.accept(invitation.id, to: company, by: user, people.caller(user))
            }
            let first = try await invite("new@example.com", to: id, owner, people)
            let second = try await invite("new@example.com", to: id, owner, people)
            await #expect(throws: CompanyError.invitationEnded) { try await accept(first, to: id) }
            try await people.invitations.revoke(second.id, of: id, owner)
            await #expect(throws: CompanyError.invitationEnded) { try await accept(second, to: id) }
            await #expect(throws: CompanyError.invitationNotFound) {
                try await people.invitations.revoke(second.id, of: id, owner)
            }
            let third = try await invite("new@example.com", to: id, owner, people)
            // A company that did not invite opens no door.
            let elsewhere = try await people.company(of: founder)
            await #expect(throws: CompanyError.invitationEnded) { try await accept(third, to: elsewhere) }
            try await people.engine.owner.script("UPDATE invitations SET expires_at = now() - interval '1 second'")
            await #expect(throws: CompanyError.invitationEnded) { try await accept(third, to: id) }
            let fourth = try await invite("new@example.com", to: id, owner, people)
            try await people.companies.delete(id, owner)
            await #expect(throws: CompanyError.invitationEnded) { try await accept(fourth, to: id) }
        }
    }

    @Test func `who is a member already keeps the role`() async throws {
        try await People.with { people in
            let founder = try await people.person()
            let id = try await people.company(of: founder)
            let invitation = try await invite("new@example.com", .viewer, to: id, people.caller(founder), people)
            let admin = try await people.member(of: id, .admin)
            try await people.engine.owner.script(
                "UPDATE users SET email = 'new@example.com' WHERE id = '\(admin)'")
            let company = try await people.invitations.accept(
                invitation.id, to: id, by: admin, people.caller(admin))
            #expect(company.role == .admin)
        }
    }
}
