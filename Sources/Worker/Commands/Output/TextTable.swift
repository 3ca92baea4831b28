/// Rows for a terminal: columns as wide as their longest cell, two spaces between them.
struct TextTable {
    enum Side { case left, right }

    private let columns: [(title: String, side: Side)]
    private var rows: [[String]] = []

    init(_ columns: [(title: String, side: Side)]) { self.columns = columns }

    /// As many cells as there are columns. What a terminal would act on is replaced.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count)
        rows.append(
            cells.map { cell in
                let plain = cell.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }
                return String(String.UnicodeScalarView(plain))
            })
    }

    /// Every line ends without blanks.
    var text: String {
        let all = [columns.map(\.title)] + rows
        let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = columns.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return columns[column].side == .left ? row[column] + padding : padding + row[column]
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
