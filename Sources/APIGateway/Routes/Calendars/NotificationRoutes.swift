import Domain
import Hummingbird
import Jobs
import Store

/// `/api/v1/webhooks/google/calendar`: Google tells that a calendar changed, and says nothing of what. Open to
/// everybody: the secret of the channel is the only credential.
///
/// What is answered with 503 Google sends again
/// (https://developers.google.com/workspace/calendar/api/guides/push#responding-to-notifications).
struct NotificationRoutes: Sendable {
    let parts: CalendarParts

    func mount(on router: RouterGroup<GatewayContext>) {
        router.post("webhooks/google/calendar", use: take)
    }

    @Sendable func take(_ request: Request, context: GatewayContext) async throws -> Response {
        _ = try parts.connections.orOff()
        _ = try await BodyReader.bytes(request, upTo: GoogleNotification.maxBodyBytes, isForm: true)
        guard let notification = GoogleNotification(request.headers),
            let (tenant, calendar) = try await parts.channels.notified(
                digest: notification.digest, channel: notification.channel, resourceID: notification.resource)
        else { throw Problem.noChannel }
        if notification.isFirst { return Response(status: .noContent) }
        // However many come: one sync waits to start, and does the work of all.
        var specification = try SyncCalendar(calendar).specification(priority: .normal)
        specification.trace = context.traceparent
        _ = try await parts.intake.accept(NewJob(tenant: tenant, specification: specification))
        return Response(status: .noContent)
    }
}
