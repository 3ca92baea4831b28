import Domain
import Logging
import Mail

/// Where mail leaves this process.
enum Outbox: Sendable {
    case smtp(SMTPTransport)
    case folder(MailFolder)

    init(_ settings: MailSettings, logger: Logger) {
        switch settings.way {
        case .smtp(let server): self = .smtp(SMTPTransport(server, logger: logger))
        case .folder(let path): self = .folder(MailFolder(path: path))
        }
    }

    /// - Throws: `Failure`; `CancellationError`.
    func deliver(_ message: MailMessage) async throws {
        do {
            switch self {
            case .smtp(let transport): try await transport.send(message)
            case .folder(let folder): try await folder.write(message)
            }
        } catch SMTPError.cancelled {
            throw CancellationError()
        } catch let error as SMTPError {
            throw Failure(error)
        } catch is MailFolder.Failed {
            throw Failure(.retry, code: "mail_folder_unusable", message: "The folder for mail cannot be written.")
        }
    }
}
