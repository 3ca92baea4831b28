import Domain
import Hummingbird

/// One page of a list.
struct Page<Entry> {
    private let entries: ArraySlice<Entry>
    private let hasNext: Bool

    /// - Parameter found: up to one more than `limit`: that one is on the next page.
    init(_ found: [Entry], limit: Int) {
        entries = found.prefix(limit)
        hasNext = found.count > limit
    }

    /// - Parameters:
    ///   - name: of the list in the answer.
    ///   - bytesEach: how long an entry is, about.
    ///   - cursor: where the page behind an entry begins.
    ///   - write: the fields of an entry.
    func response(
        _ name: StaticString, bytesEach: Int = 256, cursor: (Entry) -> String,
        write: (Entry, inout JSONWriter) -> Void
    ) -> Response {
        var writer = JSONWriter(capacity: bytesEach * (entries.count + 1))
        writer.object { object in
            object.key(name)
            object.array { array in for entry in entries { array.object { write(entry, &$0) } } }
            object.field("next_cursor", hasNext ? entries.last.map(cursor) : nil)
        }
        return .json(writer)
    }
}
