import FoundationEssentials

/// One `NNNN_name.sql` of a migrations directory.
struct MigrationFile: Sendable {
    let version: Int
    let name: String
    let bytes: [UInt8]

    /// "0001_jobs.sql"
    var fileName: String { Self.fileName(version, name) }

    static func fileName(_ version: Int, _ name: String) -> String {
        let digits = String(version)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "_" + name + ".sql"
    }

    /// All files in order. Throws `migration` for a directory that cannot be read, a `.sql` file with another name, and
    /// versions that do not count 1, 2, 3, …. Other files are left alone.
    static func read(directory: String) throws(PostgresError) -> [MigrationFile] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw .migration(file: directory, reason: "the directory cannot be read")
        }
        var files: [MigrationFile] = []
        for fileName in names.filter({ $0.hasSuffix(".sql") }).sorted() {
            let file = try read(fileName, in: directory)
            guard file.version == files.count + 1 else {
                throw .migration(
                    file: fileName, reason: "its number should be \(files.count + 1): numbers have no gap, none twice")
            }
            files.append(file)
        }
        return files
    }

    private static func read(_ fileName: String, in directory: String) throws(PostgresError) -> MigrationFile {
        let stem = fileName.dropLast(".sql".count)
        let digits = stem.prefix(4)
        let name = stem.dropFirst(5)
        let isWord = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard digits.utf8.count == 4, digits.allSatisfy({ "0"..."9" ~= $0 }), let version = Int(digits),
            stem.dropFirst(4).first == "_", !name.isEmpty, isWord
        else { throw .migration(file: fileName, reason: "its name should be like 0001_some_words.sql") }
        do {
            let bytes = try Data(contentsOf: URL(filePath: directory).appending(path: fileName))
            return MigrationFile(version: version, name: String(name), bytes: Array(bytes))
        } catch {
            throw .migration(file: fileName, reason: "it cannot be read")
        }
    }
}
