import Postgres
import TestSupport
import Testing

@testable import Jobs
@testable import Store

@Suite struct TenantStatementTests {
    static let gateway: [Statement] = [
        AuditLog.insert, AuditLog.list, Companies.insert, Companies.join, Companies.ofPerson, Companies.roleOfPerson,
        Companies.find, Companies.rename, Companies.end, Companies.revokeKeys, Companies.stopSchedules,
        Companies.lock, Companies.enter, Companies.enterByKey, Companies.members, Companies.member,
        Companies.countOwners, Companies.changeRole, Companies.leave, Companies.unassign, Invitations.open,
        RowAccess.actFor, Invitations.isMember, Invitations.replace, Invitations.insert, Invitations.find,
        Invitations.revoke, Invitations.preview, Invitations.account, Invitations.take, Invitations.accept,
        Invitations.countMembers,
        Tasks.insert, Tasks.find, Tasks.ownerIsMember, Tasks.update, Tasks.delete, Tasks.restore, Tasks.listLive,
        Tasks.listOfOwner, Tasks.listDeleted, Authorizations.insert, Authorizations.present, Authorizations.use,
        Connections.list, Connections.find, Connections.tokens, Connections.disconnect, TokenVault.newest,
        TokenVault.find, TokenVault.insert, Calendars.list, Calendars.find, Calendars.select, Calendars.overlapping,
        Calendars.event, Calendars.page, Calendars.changes, CalendarChannels.present, CalendarChannels.note,
    ]

    static let worker: [Statement] =
        [
            AccountRetention.expiredSessions, AccountRetention.revokedSessions, AccountRetention.auditEvents,
            AccountRetention.tasks, AccountRetention.invitations, AccountRetention.unverified,
            AccountRetention.deletedCompanies, AccountRetention.company, AccountRetention.endedAccounts,
            WorkspaceErasure.conversations, WorkspaceErasure.tasks, WorkspaceErasure.keys, AccountErasure.find,
            AccountErasure.end, AccountErasure.companies, AccountErasure.lock, AccountErasure.leave,
            AccountErasure.succeed, AccountErasure.desert, WorkspaceErasure.dataKeys, WorkspaceErasure.connections,
            WorkspaceErasure.authorizations, Authorizations.redeem, Authorizations.delete, Connections.delete,
            Connections.lock, Connections.lockAccount, Connections.connect, Connections.lockOne, Connections.earlier,
            Connections.begin,
            Connections.renew, Connections.needReconnect, Connections.fail, Connections.finish, Connections.ofAccount,
            Connections.reject, Connections.lockVersion, ConnectionSweep.due, ConnectionSweep.abandoned,
            ConnectionSweep.releasable, ConnectionSweep.authorizations, ConnectionSweep.renewals,
            ReconnectNotice.person, KeyRotation.others, KeyRotation.rewrap,
            KeyRotation.counts, Calendars.begin, Calendars.peek, Calendars.claim, Calendars.hold, Calendars.tally,
            Calendars.write, Calendars.finish,
            Calendars.unseen, Calendars.everything, Calendars.allHoles, Calendars.looseHoles, Calendars.tighten,
            Calendars.closeChannels, Calendars.holdEnding, Calendars.holdAll, Calendars.forgetPage,
            Calendars.lose, Calendars.empty, Calendars.restCalendar, Calendars.restList, Calendars.beginList,
            Calendars.holdList,
            Calendars.storeListed, Calendars.vanished, Calendars.finishList, Calendars.unread, CalendarChannels.open,
            CalendarChannels.opened, CalendarChannels.list, CalendarChannels.close, CalendarChannels.delete,
            CalendarChannels.rest, CalendarChannels.ofConnection,
            CalendarSweep.dueCalendars, CalendarSweep.dueLists, CalendarSweep.newAccounts, CalendarSweep.dueChannels,
            CalendarSweep.unwatched, CalendarSweep.endedChannels, CalendarSweep.unlistedCalendars,
            CalendarSweep.oldTombstones, CalendarSweep.hold, CalendarSweep.pruneTombstones, WorkspaceErasure.events,
        ] + AccountErasure.traces
        + [
            JobStore.endAll, JobStore.isBusy, JobStore.eraseSchedules, JobStore.eraseBatches, JobStore.eraseJobs,
            JobStore.eraseKeys, JobStore.eraseShare,
        ]

    @Test func `every statement fits the migrated schema`() async throws {
        let all = Self.gateway + Self.worker
        #expect(Set(all.map(\.name)).count == all.count)
        #expect(all.allSatisfy { $0.name.utf8.count <= 40 })
        let stores = try await TestStores.make()
        for (role, statements) in [("errand_gateway", Self.gateway), ("errand_worker", Self.worker)] {
            for statement in statements {
                try await stores.withPool(as: role, size: 1) { pool in
                    try await pool.script("PREPARE checked AS \(statement.sql)")
                }
            }
        }
        try await stores.drop()
    }
}
