import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import Mail
import NIOCore

/// `/dev/mail`: the mails a worker kept instead of sending, open to whoever reaches this port. For development only.
struct MailboxRoutes: Sendable {
    private let folder: MailFolder

    private static let listed = 100

    init(path: String, logger: Logger) {
        folder = MailFolder(path: path)
        logger.warning("development: /dev/mail shows every mail to everybody; unset MAIL_DIRECTORY where that matters")
    }

    func mount(on router: Router<GatewayContext>) {
        router.get("dev/mail") { _, _ in try await list() }
        router.get("dev/mail/:name") { _, context in
            guard let name = context.parameters.get("name"), let mail = try await folder.read(name) else {
                throw Problem.notFound("mail")
            }
            return Self.page(MailboxPage.mail(mail))
        }
        router.get("dev/mail.css") { _, _ in
            Self.answer("text/css; charset=utf-8", ByteBuffer(bytes: PackageResources.mailbox_css))
        }
    }

    private func list() async throws -> Response {
        Self.page(MailboxPage.list(try await folder.list(limit: Self.listed)))
    }

    private static func page(_ html: String) -> Response {
        answer("text/html; charset=utf-8", ByteBuffer(string: html))
    }

    private static func answer(_ type: String, _ body: ByteBuffer) -> Response {
        let headers: HTTPFields = [
            .contentType: type, .cacheControl: "no-store", .contentSecurityPolicy: policy,
        ]
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    private static let policy = """
        default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
        frame-ancestors 'none'
        """
}
