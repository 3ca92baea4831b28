import ArgumentParser
import Domain
import Store

extension QueueName: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension Identifier: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension JobKind: ExpressibleByArgument {}

extension EmailAddress: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension AccountOperations.Name: ExpressibleByArgument {
    package init?(argument: String) {
        if let id = UserID(argument) {
            self = .id(id)
        } else if let email = EmailAddress(argument) {
            self = .email(email)
        } else {
            return nil
        }
    }

    /// As it was given.
    var text: String {
        switch self {
        case .id(let id): id.description
        case .email(let email): email.text
        }
    }
}

/// A limit of running jobs: a number, or `none`.
enum RunningLimit: ExpressibleByArgument {
    case limit(Int)
    case none

    init?(argument: String) {
        if argument == "none" {
            self = .none
        } else if let number = Int(argument), (1...1_000_000).contains(number) {
            self = .limit(number)
        } else {
            return nil
        }
    }

    var value: Int? {
        switch self {
        case .limit(let number): number
        case .none: nil
        }
    }
}
