import Domain
import Hummingbird
import Jobs
import Logging
import Postgres
import Store

/// Which address leads where, and through what.
struct GatewayRoutes {
    let edge: EdgeSettings
    let limiter: RateLimiter
    let pool: PostgresPool
    let intake: JobIntake
    let reader: JobReader
    let health: HealthRoutes
    let observation: GatewayObservation
    let identity: IdentityParts
    /// `nil`: no accounts elsewhere can be connected.
    let connections: ConnectionParts?
    let calendars: CalendarParts
    let sockets: SocketLimits
    /// `nil`: mail is nobody's to see.
    let mailbox: MailboxRoutes?
    let docs: DocsFiles?
    let logger: Logger

    func router() -> Router<GatewayContext> {
        let router = Router(context: GatewayContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ObservationMiddleware(measures: observation.measures, tracer: observation.tracer))
        // What has nothing to do is left out: each of them costs every request some microseconds.
        if !edge.proxies.networks.isEmpty { router.add(middleware: ClientAddress(proxies: edge.proxies)) }
        router.add(middleware: SecurityHeaders())
        if !edge.origins.isEmpty { router.add(middleware: CrossOrigin(origins: edge.origins)) }
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: ContinueExpectation())
        health.mount(on: router)
        PageRoutes(accounts: identity.accounts?.settings, showsMail: mailbox != nil).mount(on: router)
        mailbox?.mount(on: router)
        DocumentRoutes().mount(on: router)
        DocsRoutes(files: docs).mount(on: router)
        KeySetRoutes(keys: identity.signingKeys).mount(on: router)
        // What follows is counted; what stands above is not.
        router.add(middleware: AddressLimiting(limiter: limiter))
        let open = router.group("api/v1")
        let api = open.group().add(middleware: Authentication(identification: identity.identification))
            .add(middleware: RateLimiting(limiter: limiter))
        mountAccounts(open: open.group("auth"), own: api.group("auth"), api)
        mountJobs(on: api)
        mountWorkspaces(open: open, on: api)
        mountConnections(open: open, on: api)
        mountCalendars(open: open, on: api)
        webSocket().mount(on: open)
        tell(router.routes)
        OtherMethods.mount(on: router)
        return router
    }

    /// All routes, for whoever compares them with the document.
    private func tell(_ routes: [Router<GatewayContext>.RouteDescription]) {
        for route in routes {
            logger.debug("route", metadata: ["method": "\(route.method)", "path": "\(route.path)"])
        }
    }

    /// - Parameters:
    ///   - open: `/api/v1/auth` for anybody.
    ///   - own: `/api/v1/auth` for people who have signed in.
    private func mountAccounts(
        open: RouterGroup<GatewayContext>, own: RouterGroup<GatewayContext>, _ api: RouterGroup<GatewayContext>
    ) {
        KeyRoutes(pool: pool, standings: identity.standings).mount(on: api)
        guard let accounts = identity.accounts else { return AccountsOff().mount(on: open) }
        RegistrationRoutes(accounts: accounts).mount(on: open)
        SignInRoutes(accounts: accounts, sites: identity.identification.sites).mount(open: open, own: own)
        PasswordRoutes(accounts: accounts).mount(open: open, own: own)
        SessionRoutes(accounts: accounts).mount(on: own)
        ProfileRoutes(accounts: accounts).mount(on: api)
    }

    private func mountJobs(on api: RouterGroup<GatewayContext>) {
        let jobs = api.group().add(middleware: Permitted(read: .readJobs, write: .writeJobs))
        JobRoutes(
            intake: intake, reader: reader, streams: edge.streams, isStillGood: identity.identification.isStillGood
        ).mount(on: jobs)
        ControlRoutes(intake: intake).mount(on: jobs)
        BatchRoutes(intake: intake, reader: reader, streams: edge.streams).mount(on: jobs)
        let schedules = api.group().add(middleware: Permitted(read: .readSchedules, write: .writeSchedules))
        ScheduleRoutes(intake: intake).mount(on: schedules)
        let operators = api.group().add(middleware: Permitted(read: .operate, write: .operate))
        ServiceRoutes(intake: intake).mount(on: operators)
        let chat = api.group().add(middleware: Permitted(read: .readChat, write: .writeChat))
        ChatRoutes(intake: intake, conversations: Conversations(pool: pool)).mount(on: chat)
    }

    /// Messages of sockets go the way that requests go after authentication.
    private func webSocket() -> WebSocketRoutes {
        let inner = Router(context: GatewayContext.self)
        inner.add(middleware: ObservationMiddleware(measures: observation.measures, tracer: observation.tracer))
        inner.add(middleware: ProblemMiddleware())
        let limiting = RateLimiting(limiter: limiter, countsAddresses: false)
        mountJobs(on: inner.group("api/v1").add(middleware: limiting))
        let responder = inner.buildResponder()
        let identification = identity.identification
        let gate = SocketGate(
            authenticate: { head, _ in
                let presented = Identification.Presented(
                    headers: head.headerFields, method: head.method, authority: head.authority)
                return .init(principal: try await identification.principal(of: presented))
            },
            stillValid: { try await identification.isStillGood($0.principal) }, origins: edge.origins)
        return WebSocketRoutes(
            respond: { try await responder.respond(to: $0, context: $1) }, reader: reader, gate: gate,
            limits: sockets, census: SocketCensus(limits: sockets))
    }

    /// - Parameter open: for anybody.
    private func mountConnections(open: RouterGroup<GatewayContext>, on api: RouterGroup<GatewayContext>) {
        CallbackRoutes(parts: connections, intake: intake, identification: identity.identification).mount(on: open)
        let own = api.group().add(middleware: Permitted(read: .readConnections, write: .writeConnections))
        IntegrationRoutes(parts: connections, intake: intake).mount(on: own)
        ConnectRoutes(parts: connections, origins: edge.origins).mount(on: own)
        let tokens = TokenRoutes(parts: connections, intake: intake, reader: reader, streams: edge.streams)
        tokens.mount(on: own)
        tokens.mountDisclosure(on: api)
    }

    /// - Parameter open: for anybody.
    private func mountCalendars(open: RouterGroup<GatewayContext>, on api: RouterGroup<GatewayContext>) {
        NotificationRoutes(parts: calendars).mount(on: open)
        let own = api.group().add(middleware: Permitted(read: .readCalendars, write: .writeCalendars))
        CalendarRoutes(parts: calendars).mount(on: own)
        CalendarEventRoutes(parts: calendars).mount(on: own)
        ChangeRoutes(parts: calendars).mount(on: own)
        ExportRoutes(parts: calendars).mount(on: own)
        EventRoutes(parts: calendars).mount(on: own)
    }

    /// Companies, and what they and people work on.
    private func mountWorkspaces(open: RouterGroup<GatewayContext>, on api: RouterGroup<GatewayContext>) {
        let companies = Companies(pool: pool)
        // What a write needs beyond this depends on the role in the company that the path names.
        let inCompanies = api.group().add(middleware: Permitted(read: .readCompany, write: .readCompany))
        CompanyRoutes(companies: companies, standings: identity.standings).mount(on: inCompanies)
        MemberRoutes(companies: companies, standings: identity.standings).mount(on: inCompanies)
        InvitationRoutes(
            invitations: Invitations(companies: companies, intake: intake), accounts: identity.accounts,
            standings: identity.standings
        ).mount(open: open, on: inCompanies)
        let tasks = api.group().add(middleware: Permitted(read: .readTasks, write: .writeTasks))
        TaskRoutes(tasks: Tasks(pool: pool)).mount(on: tasks)
        let audit = api.group().add(middleware: Permitted(read: .readAudit, write: .readAudit))
        AuditRoutes(log: AuditLog(pool: pool)).mount(on: audit)
    }
}
