/// One step of the protocol, as small as another process can come in between.
enum LeaseAction: Hashable {
    /// A call that answers, or one that its sender gives up on.
    enum Call: Hashable { case answered, late }

    case accept(Int8, push: Call)
    /// A job that waits, or `nobody`: a take that finds nothing new.
    case take(Int8, by: Int8)
    case takeLate(Int8, by: Int8)
    case claim(by: Int8, Call)
    case begin(by: Int8, place: Int8)
    case emit(by: Int8, place: Int8, Call)
    case settle(by: Int8, place: Int8, Ending, Call)
    case announce(by: Int8, place: Int8, push: Call)
    case giveBackStray(Int8, by: Int8, isSlow: Bool)

    case tick
    case beatLate(by: Int8)
    case bury(Int8, by: Int8, Call)
    case signOff(Int8)
    case spawn(Int8)

    case rescue(push: Call)
    case promote(Int8, push: Call)
    case scan(Int8)
    case arrive(Message)
    case follow

    case crash(Int8)
    case pause(Int8)
    case resume(Int8)
    case cutOff(Int8)
    case reconnect(Int8)
    case flush, save, rollback
    case cancel(Int8)
}

extension LeaseAction: CustomStringConvertible {
    var description: String {
        switch self {
        case .accept(let job, let push): "job \(job) is accepted" + (push == .late ? ", but not pushed" : "")
        case .take(Self.nobody, let worker): "worker \(worker) takes, and nothing new is there"
        case .take(let job, let worker): "worker \(worker) takes job \(job)"
        case .takeLate(let job, let worker): "worker \(worker) takes job \(job), and gets no answer"
        case .claim(let worker, let call): "worker \(worker) claims what it took" + Self.suffix(call)
        case .begin(let worker, let place): "worker \(worker) starts the handler of its attempt at place \(place)"
        case .emit(let worker, let place, let call):
            "worker \(worker) streams for its attempt at place \(place)" + Self.suffix(call)
        case .settle(let worker, let place, let ending, let call):
            "worker \(worker) settles its attempt at place \(place) as \(ending)" + Self.suffix(call)
        case .announce(let worker, let place, let push):
            "worker \(worker) pushes what may follow its attempt at place \(place)" + Self.suffix(push)
        case .giveBackStray(let job, let worker, let isSlow):
            "worker \(worker) gives back job \(job), which it does not run" + (isSlow ? " yet" : "")
        default: processDescription
        }
    }

    private var processDescription: String {
        switch self {
        case .tick: "time passes"
        case .beatLate(let worker): "worker \(worker) sends a beat that is slow"
        case .bury(let dead, let worker, let call): "worker \(worker) buries worker \(dead)" + Self.suffix(call)
        case .signOff(let worker): "worker \(worker), which has stopped, signs off"
        case .spawn(let worker): "a process starts as worker \(worker)"
        case .rescue(let push): "jobs of unregistered workers are rescued" + (push == .late ? ", but not pushed" : "")
        case .promote(let job, let push): "job \(job) is due again" + (push == .late ? ", but not pushed" : "")
        case .scan(let job): "the reconciler pushes job \(job), which no list holds"
        case .arrive(let message): "a slow message arrives: \(message)"
        case .follow: "the reader reads on"
        case .crash(let worker): "worker \(worker) crashes"
        case .pause(let worker): "worker \(worker) freezes"
        case .resume(let worker): "worker \(worker) goes on"
        case .cutOff(let worker): "worker \(worker) loses PostgreSQL"
        case .reconnect(let worker): "worker \(worker) has PostgreSQL again"
        case .flush: "Redis forgets everything"
        case .save: "Redis writes its data to disk"
        case .rollback: "Redis restarts with its data on disk"
        case .cancel(let job): "somebody cancels job \(job)"
        default: "?"
        }
    }

    static let nobody: Int8 = -1

    private static func suffix(_ call: Call) -> String { call == .late ? ", and gets no answer" : "" }
}
