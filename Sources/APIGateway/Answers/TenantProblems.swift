import Domain
import HTTPTypes
import Store

/// What the answer is when something could not be done in a company, or with a task.
extension Problem {
    static func company(_ error: CompanyError) -> Problem {
        switch error {
        case .notFound: .notFound("company")
        case .memberNotFound: .notFound("member")
        case .invitationNotFound: .notFound("invitation")
        case .notPermitted(let missing): .notPermitted(missing)
        case .ownersOnly:
            Problem(
                status: .forbidden, code: "owner_needed",
                detail: "Only an owner of the company may make owners, change them, and delete the company.")
        case .lastOwner:
            conflict("last_owner", "A company keeps an owner: make somebody else one first, or delete the company.")
        case .tooManyCompanies:
            conflict("too_many_companies", "You are in \(Companies.maxCompanies) companies already. Leave one first.")
        case .tooManyMembers:
            conflict("too_many_members", "The company has \(Companies.maxMembers) members already.")
        case .tooManyInvitations:
            conflict(
                "too_many_invitations", "\(Invitations.maxOpen) invitations wait for an answer. Revoke some first.")
        case .alreadyMember: conflict("already_member", "Somebody with this address is a member already.")
        case .invitationEnded: badInvitation
        case .otherAddress:
            Problem(
                status: .forbidden, code: "invitation_for_another_address",
                detail: "Sign in with the account of the address that was invited.")
        case .unverified:
            Problem(
                status: .forbidden, code: "email_not_verified",
                detail: "Open the link in the mail that was sent when the account was made, then try again.")
        }
    }

    static func task(_ error: TaskError) -> Problem {
        switch error {
        case .notFound: .notFound("task")
        case .changed:
            Problem(
                status: .preconditionFailed, code: "changed",
                detail: "The task is not what If-Match says any more. Read it again, then decide.")
        case .unknownOwner:
            .invalid("owner_id", "must be a member of the company, or in your own workspace yourself")
        case .tooMany:
            conflict("too_many_tasks", "There are \(Tasks.maxTasks) tasks already. Delete some first.")
        }
    }

    static let badInvitation = Problem(
        status: .badRequest, code: "invitation_bad_token",
        detail: "The invitation was accepted, was revoked, has expired, or never was one. Ask for a new one.")

    private static func conflict(_ code: String, _ detail: String) -> Problem {
        Problem(status: .conflict, code: code, detail: detail)
    }
}
