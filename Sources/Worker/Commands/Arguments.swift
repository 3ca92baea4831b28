import ArgumentParser
import Domain

extension QueueName: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension Identifier: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension JobKind: ExpressibleByArgument {}

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
