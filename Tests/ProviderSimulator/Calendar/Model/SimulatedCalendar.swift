import Domain
import Foundation
import Synchronization

/// One calendar. Events that were ordered in bulk are made when somebody first looks.
final class SimulatedCalendar: Sendable {
    private enum State: Sendable {
        case ordered(@Sendable (CalendarInfo) -> CalendarContents)
        case made(CalendarContents)
    }

    let id: String
    private let state: Mutex<(info: CalendarInfo, state: State)>

    init(_ info: CalendarInfo, contents: @escaping @Sendable (CalendarInfo) -> CalendarContents) {
        id = info.id
        state = Mutex((info, .ordered(contents)))
    }

    var info: CalendarInfo { state.withLock { $0.info } }
    var zone: ZoneOffsets { Zones.offsets(info.timeZone) }

    func rename(_ title: String) { state.withLock { $0.info.title = title } }

    func with<Result: Sendable, Failure: Error>(
        _ body: (inout CalendarContents) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try state.withLock { (state) throws(Failure) in
            var contents: CalendarContents
            switch state.state {
            case .ordered(let make): contents = make(state.info)
            case .made(let made): contents = made
            }
            // Nobody else may hold the arrays while they are changed, or they would be copied.
            state.state = .ordered { _ in CalendarContents(now: .distantPast) }
            defer { state.state = .made(contents) }
            return try body(&contents)
        }
    }
}
