import Domain
import Postgres
import Store
import TestSupport
import Testing

@Suite struct TaskTests {
    private func ids(_ filter: Tasks.Filter, _ caller: Caller, _ people: People) async throws -> [String] {
        try await people.tasks.list(filter, before: nil, limit: 100, caller).map(\.title)
    }

    @Test func `a task is what was written, in its workspace`() async throws {
        try await People.with { people in
            let user = try await people.person()
            let company = try await people.company(of: user)
            let (own, theirs) = (people.caller(user), people.caller(user, in: company))
            let draft = Tasks.Draft(
                title: "Déjà vu", notes: "again", status: .inProgress, dueDate: CalendarDay("2028-02-29"), owner: user)
            let task = try await people.tasks.create(draft, own)
            #expect(task.title == "Déjà vu")
            #expect(task.status == .inProgress)
            #expect(task.dueDate?.description == "2028-02-29")
            #expect(task.owner == user)
            #expect(task.createdBy == user)
            #expect(task.company == nil)
            #expect(task.version == 1)
            #expect(try await people.tasks.create(draft, theirs).company == company)
            #expect(try await people.tasks.list(Tasks.Filter(), before: nil, limit: 10, own).count == 1)
            await #expect(throws: TaskError.notFound) { _ = try await people.tasks.find(task.id, theirs) }
            let keyed = try await people.tasks.create(Tasks.Draft(title: "k"), people.key(of: TenantID(company)))
            #expect(keyed.createdBy == nil)
            #expect(keyed.company == company)
        }
    }

    @Test func `filters and cursors find each task once`() async throws {
        try await People.with { people in
            let user = try await people.person()
            let company = try await people.company(of: user)
            let other = try await people.member(of: company, .member)
            let caller = people.caller(user, in: company)
            let drafts = [
                Tasks.Draft(title: "a", status: .open, dueDate: CalendarDay("2026-01-01"), owner: user),
                Tasks.Draft(title: "b", status: .done, dueDate: CalendarDay("2026-01-02"), owner: other),
                Tasks.Draft(title: "c 100%_\\", status: .open, dueDate: CalendarDay("2026-01-03")),
                Tasks.Draft(title: "d", notes: "Write To BOB", status: .cancelled, owner: other),
            ]
            for draft in drafts { _ = try await people.tasks.create(draft, caller) }
            var filter = Tasks.Filter()
            #expect(try await ids(filter, caller, people) == ["d", "c 100%_\\", "b", "a"])
            filter.statuses = [.open]
            #expect(try await ids(filter, caller, people) == ["c 100%_\\", "a"])
            filter.statuses = [.cancelled, .done]
            #expect(try await ids(filter, caller, people) == ["d", "b"])
            filter = Tasks.Filter()
            filter.owner = other
            #expect(try await ids(filter, caller, people) == ["d", "b"])
            filter.statuses = [.done]
            #expect(try await ids(filter, caller, people) == ["b"])
            filter = Tasks.Filter()
            filter.dueAfter = CalendarDay("2026-01-01")
            filter.dueBefore = CalendarDay("2026-01-03")
            #expect(try await ids(filter, caller, people) == ["b"])
            filter = Tasks.Filter()
            for (text, found) in [("bob", ["d"]), ("%_\\", ["c 100%_\\"]), ("_", ["c 100%_\\"]), ("'", [])] {
                filter.text = text
                #expect(try await ids(filter, caller, people) == found)
            }
            var (all, last): ([String], TaskID?) = ([], nil)
            repeat {
                let page = try await people.tasks.list(Tasks.Filter(), before: last, limit: 3, caller)
                all += page.map(\.title)
                last = page.last?.id
            } while last != nil
            #expect(all == ["d", "c 100%_\\", "b", "a"])
        }
    }

    @Test func `a change says which version it is of`() async throws {
        try await People.with { people in
            let caller = people.caller(try await people.person())
            let task = try await people.tasks.create(
                Tasks.Draft(title: "a", notes: "n", dueDate: CalendarDay("2026-01-01")), caller)
            var change = Tasks.Change()
            change.title = "b"
            let second = try await people.tasks.update(task.id, change, ifVersion: [1], caller)
            #expect(second.version == 2)
            #expect(second.title == "b")
            #expect(second.notes == "n")
            #expect(second.dueDate != nil)
            await #expect(throws: TaskError.changed) {
                _ = try await people.tasks.update(task.id, change, ifVersion: [1], caller)
            }
            await #expect(throws: TaskError.changed) {
                _ = try await people.tasks.update(task.id, Tasks.Change(), ifVersion: [], caller)
            }
            #expect(try await people.tasks.update(task.id, Tasks.Change(), ifVersion: [2], caller).version == 2)
            change = Tasks.Change()
            change.dueDate = .some(nil)
            #expect(try await people.tasks.update(task.id, change, ifVersion: nil, caller).dueDate == nil)
            await #expect(throws: TaskError.changed) {
                try await people.tasks.delete(task.id, ifVersion: [1, 2], caller)
            }
            try await people.tasks.delete(task.id, ifVersion: [2, 3], caller)
            await #expect(throws: TaskError.notFound) {
                _ = try await people.tasks.update(task.id, change, ifVersion: nil, caller)
            }
        }
    }

    @Test func `of two changes of one version, one is made`() async throws {
        try await People.with { people in
            let caller = people.caller(try await people.person())
            let task = try await people.tasks.create(Tasks.Draft(title: "a"), caller)
            let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<10 {
                    group.addTask {
                        var change = Tasks.Change()
                        change.title = "\(number)"
                        do {
                            _ = try await people.tasks.update(task.id, change, ifVersion: [1], caller)
                            return true
                        } catch TaskError.changed {
                            return false
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == 1)
        }
    }

    @Test func `a deleted task is found among the deleted only, and comes back`() async throws {
        try await People.with { people in
            let caller = people.caller(try await people.person())
            let task = try await people.tasks.create(Tasks.Draft(title: "a"), caller)
            try await people.tasks.delete(task.id, ifVersion: nil, caller)
            await #expect(throws: TaskError.notFound) { _ = try await people.tasks.find(task.id, caller) }
            await #expect(throws: TaskError.notFound) {
                try await people.tasks.delete(task.id, ifVersion: nil, caller)
            }
            var filter = Tasks.Filter()
            #expect(try await ids(filter, caller, people) == [])
            filter.isDeleted = true
            #expect(try await ids(filter, caller, people) == ["a"])
            #expect(try await people.tasks.restore(task.id, caller).deletedAt == nil)
            #expect(try await people.tasks.restore(task.id, caller).version == 3)
            #expect(try await ids(filter, caller, people) == [])
            #expect(try await people.actions(in: caller.tenant) == [.taskDeleted, .taskRestored])
        }
    }

    @Test func `who is to do it belongs to the workspace`() async throws {
        try await People.with { people in
            let (user, stranger) = (try await people.person(), try await people.person())
            let company = try await people.company(of: user)
            for caller in [people.caller(user), people.caller(user, in: company)] {
                // Whether an account has the id makes no difference.
                for owner in [stranger, UserID.make(), UserID(company.uuid)] {
                    await #expect(throws: TaskError.unknownOwner) {
                        _ = try await people.tasks.create(Tasks.Draft(title: "a", owner: owner), caller)
                    }
                }
                let task = try await people.tasks.create(Tasks.Draft(title: "a", owner: user), caller)
                var change = Tasks.Change()
                change.owner = stranger
                await #expect(throws: TaskError.unknownOwner) {
                    _ = try await people.tasks.update(task.id, change, ifVersion: nil, caller)
                }
                change.owner = .some(nil)
                #expect(try await people.tasks.update(task.id, change, ifVersion: nil, caller).owner == nil)
            }
            let nobody = TenantID.make()
            await #expect(throws: TaskError.unknownOwner) {
                _ = try await people.tasks.create(
                    Tasks.Draft(title: "a", owner: UserID(nobody.uuid)), people.key(of: nobody))
            }
        }
    }

    @Test func `a member who leaves while a task is given to them does not keep it`() async throws {
        try await People.with { people in
            let user = try await people.person()
            let company = try await people.company(of: user)
            for _ in 0..<10 {
                let member = try await people.member(of: company, .member)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<3 {
                        group.addTask {
                            _ = try? await people.tasks.create(
                                Tasks.Draft(title: "a", owner: member), people.caller(user, in: company))
                        }
                    }
                    group.addTask {
                        try await people.companies.remove(member, from: company, people.caller(user))
                    }
                    try await group.waitForAll()
                }
                #expect(try await people.count("SELECT count(*) FROM tasks WHERE owner_id = '\(member)'") == 0)
            }
        }
    }
}
