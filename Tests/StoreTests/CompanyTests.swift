import Domain
import Postgres
import Store
import TestSupport
import Testing

@Suite struct CompanyTests {
    @Test func `who founds a company owns it, and nobody else knows of it`() async throws {
        try await People.with { people in
            let (founder, stranger) = (try await people.person(), try await people.person())
            let id = try await people.company(of: founder)
            let companies = people.companies
            #expect(try await companies.list(of: founder, before: nil, limit: 10).map(\.id) == [id])
            #expect(try await companies.find(id, people.caller(founder)).role == .owner)
            #expect(try await companies.role(of: founder, in: id) == .owner)
            #expect(try await companies.role(of: stranger, in: id) == nil)
            #expect(try await companies.list(of: stranger, before: nil, limit: 10).isEmpty)
            // The workspace that the request claims to act in opens nothing.
            for claimed in [nil, id] {
                let caller = people.caller(stranger, in: claimed)
                await #expect(throws: CompanyError.notFound) { _ = try await companies.find(id, caller) }
                await #expect(throws: CompanyError.notFound) {
                    _ = try await companies.members(of: id, after: nil, limit: 10, caller)
                }
                await #expect(throws: CompanyError.notFound) { try await companies.delete(id, caller) }
            }
        }
    }

    @Test func `viewers and members change nothing, admins everything but owners`() async throws {
        try await People.with { people in
            let founder = try await people.person()
            let id = try await people.company(of: founder)
            let companies = people.companies
            let other = try await people.member(of: id, .viewer)
            for role in [Role.viewer, .member] {
                let caller = people.caller(try await people.member(of: id, role))
                #expect(try await companies.members(of: id, after: nil, limit: 10, caller).count >= 3)
                let refused = CompanyError.notPermitted(.writeCompany)
                await #expect(throws: refused) { _ = try await companies.rename(id, to: "Mine", caller) }
                await #expect(throws: refused) { try await companies.remove(other, from: id, caller) }
                await #expect(throws: refused) {
                    _ = try await companies.changeRole(of: other, to: .admin, in: id, caller)
                }
                await #expect(throws: refused) {
                    _ = try await people.invitations.list(of: id, before: nil, limit: 10, caller)
                }
            }
            let admin = people.caller(try await people.member(of: id, .admin))
            #expect(try await companies.rename(id, to: "Ours", admin).name == "Ours")
            #expect(try await companies.changeRole(of: other, to: .admin, in: id, admin).role == .admin)
            await #expect(throws: CompanyError.ownersOnly) {
                _ = try await companies.changeRole(of: other, to: .owner, in: id, admin)
            }
            await #expect(throws: CompanyError.ownersOnly) {
                _ = try await companies.changeRole(of: founder, to: .member, in: id, admin)
            }
            await #expect(throws: CompanyError.ownersOnly) { try await companies.remove(founder, from: id, admin) }
            await #expect(throws: CompanyError.ownersOnly) { try await companies.delete(id, admin) }
            try await companies.remove(other, from: id, admin)
            #expect(try await companies.role(of: other, in: id) == nil)
        }
    }

    @Test func `a company keeps an owner`() async throws {
        try await People.with { people in
            let founder = try await people.person()
            let (id, companies) = (try await people.company(of: founder), people.companies)
            let caller = people.caller(founder)
            await #expect(throws: CompanyError.lastOwner) { try await companies.remove(founder, from: id, caller) }
            await #expect(throws: CompanyError.lastOwner) {
                _ = try await companies.changeRole(of: founder, to: .admin, in: id, caller)
            }
            let heir = try await people.member(of: id, .member)
            _ = try await companies.changeRole(of: heir, to: .owner, in: id, caller)
            try await companies.remove(founder, from: id, caller)
            #expect(try await companies.role(of: founder, in: id) == nil)
            await #expect(throws: CompanyError.notFound) { _ = try await companies.find(id, caller) }
        }
    }

    @Test func `when all owners go at once, one stays`() async throws {
        try await People.with { people in
            for round in 0..<10 {
                let founder = try await people.person()
                let (id, companies) = (try await people.company(of: founder), people.companies)
                var owners = [founder]
                for _ in 0..<3 { owners.append(try await people.member(of: id, .owner)) }
                let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for owner in owners {
                        group.addTask {
                            do {
                                if round.isMultiple(of: 2) {
                                    try await companies.remove(owner, from: id, people.caller(owner))
                                } else {
                                    _ = try await companies.changeRole(
                                        of: owner, to: .viewer, in: id, people.caller(owner))
                                }
                                return false
                            } catch CompanyError.lastOwner {
                                return true
                            }
                        }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(refused == 1)
                let left = "SELECT count(*) FROM memberships WHERE role = 'owner' AND company_id = '\(id)'"
                #expect(try await people.count(left) == 1)
            }
        }
    }

    @Test func `the tasks of one who leaves are nobody's`() async throws {
        try await People.with { people in
            let founder = try await people.person()
            let id = try await people.company(of: founder)
            let member = try await people.member(of: id, .member)
            let caller = people.caller(founder, in: id)
            let task = try await people.tasks.create(Tasks.Draft(title: "Call", owner: member), caller)
            let gone = try await people.tasks.create(Tasks.Draft(title: "Old", owner: member), caller)
            try await people.tasks.delete(gone.id, ifVersion: nil, caller)
            try await people.companies.remove(member, from: id, people.caller(member))
            #expect(try await people.tasks.find(task.id, caller).owner == nil)
            #expect(try await people.tasks.restore(gone.id, caller).owner == nil)
        }
    }

    @Test func `with a company end its keys and its schedules`() async throws {
        try await People.with { people in
            let founder = try await people.person()
            let id = try await people.company(of: founder)
            let key = people.key(of: TenantID(id))
            #expect(try await people.companies.find(id, key).role == nil)
            try await people.engine.owner.script(
                """
                INSERT INTO api_keys (id, tenant_id, name, digest, prefix, scopes)
                SELECT gen_random_uuid(), tenant, 'k', sha256(tenant::text::bytea), 'errand_x', '{tasks:read}'
                FROM unnest(ARRAY['\(id)', '\(founder)']::uuid[]) AS tenant;
                INSERT INTO schedules (id, tenant_id, name, rule, specification, next_at)
                SELECT gen_random_uuid(), tenant, 's', 'every 60', '{}', now()
                FROM unnest(ARRAY['\(id)', '\(founder)']::uuid[]) AS tenant
                """)
            try await people.companies.delete(id, people.caller(founder))
            #expect(try await people.count("SELECT count(*) FROM api_keys WHERE revoked_at IS NULL") == 1)
            #expect(try await people.count("SELECT count(*) FROM schedules") == 1)
            #expect(try await people.companies.list(of: founder, before: nil, limit: 10).isEmpty)
            await #expect(throws: CompanyError.notFound) { _ = try await people.companies.find(id, key) }
            await #expect(throws: CompanyError.notFound) {
                _ = try await people.companies.rename(id, to: "Back", people.caller(founder))
            }
        }
    }

    @Test func `a key works in its own company only, within its scopes`() async throws {
        try await People.with { people in
            let founder = try await people.person()
            let (mine, other) = (try await people.company(of: founder), try await people.company(of: founder))
            let key = people.key(of: TenantID(mine), [.readCompany])
            #expect(try await people.companies.members(of: mine, after: nil, limit: 10, key).map(\.user) == [founder])
            await #expect(throws: CompanyError.notFound) { _ = try await people.companies.find(other, key) }
            await #expect(throws: CompanyError.notPermitted(.writeCompany)) {
                _ = try await people.companies.rename(mine, to: "X", key)
            }
            let strong = people.key(of: TenantID(mine))
            let admin = try await people.member(of: mine, .admin)
            #expect(try await people.companies.changeRole(of: admin, to: .viewer, in: mine, strong).role == .viewer)
            await #expect(throws: CompanyError.ownersOnly) {
                _ = try await people.companies.changeRole(of: admin, to: .owner, in: mine, strong)
            }
        }
    }

    @Test func `lists go on where they ended, and companies have a bound`() async throws {
        try await People.with { people in
            let founder = try await people.person()
            for _ in 0..<Companies.maxCompanies { _ = try await people.company(of: founder) }
            await #expect(throws: CompanyError.tooManyCompanies) { _ = try await people.company(of: founder) }
            var (all, last): ([CompanyID], CompanyID?) = ([], nil)
            repeat {
                let page = try await people.companies.list(of: founder, before: last, limit: 7)
                all += page.map(\.id)
                last = page.last?.id
            } while last != nil
            #expect(all.count == Companies.maxCompanies)
            #expect(all == Set(all).sorted(by: >))
        }
    }

    @Test func `what is done is recorded, and what is refused is not`() async throws {
        try await People.with { people in
            let founder = try await people.person()
            let id = try await people.company(of: founder)
            let member = try await people.member(of: id, .member)
            let caller = people.caller(founder)
            _ = try await people.companies.changeRole(of: member, to: .viewer, in: id, caller)
            try await people.companies.remove(member, from: id, caller)
            try? await people.companies.remove(founder, from: id, caller)
            let actions = try await people.actions(in: TenantID(id))
            #expect(actions == [.companyCreated, .memberRoleChanged, .memberRemoved])
            let event = try await people.log.list(
                tenant: TenantID(id), action: .memberRemoved, before: nil, limit: 10)[0]
            #expect(event.actor == "user:\(founder)")
            #expect(event.user == member)
            #expect(event.address == "192.0.2.1")
            #expect(event.requestID == "test")
            #expect(String(decoding: event.details, as: UTF8.self) == #"{"role": "viewer"}"#)
        }
    }
}
