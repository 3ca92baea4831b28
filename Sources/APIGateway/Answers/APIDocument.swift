import Vault

/// The OpenAPI document, put together from one file for each part of the API. `paths` and the sections of `components`
/// of all files become one; everything else is in `document.json`.
struct APIDocument: Sendable {
    let bytes: [UInt8]
    /// Changes with the bytes. With its quotes.
    let entityTag: String

    init() {
        self.init(head: PackageResources.document_json, parts: Self.parts)
    }

    private static var parts: [[UInt8]] {
        [
            PackageResources.jobs_json, PackageResources.control_json, PackageResources.batches_json,
            PackageResources.schedules_json, PackageResources.chat_json, PackageResources.tasks_json,
            PackageResources.companies_json, PackageResources.invitations_json, PackageResources.keys_json,
            PackageResources.integrations_json, PackageResources.tokens_json, PackageResources.calendars_json,
            PackageResources.events_json,
            PackageResources.audit_json, PackageResources.socket_json, PackageResources.auth_json,
            PackageResources.profile_json, PackageResources.operators_json, PackageResources.health_json,
            PackageResources.pages_json, PackageResources.components_json,
        ]
    }

    /// - Parameters:
    ///   - head: a JSON object without `paths` and `components`.
    ///   - parts: JSON objects with nothing but those. No path and no component is in two of them.
    init(head: [UInt8], parts: [[UInt8]]) {
        var paths = Section()
        var components: [(name: ArraySlice<UInt8>, section: Section)] = []
        for part in parts {
            for (name, value) in JSONMembers.read(JSONMembers.compact(part)[...]) {
                if name.elementsEqual("\"paths\"".utf8) {
                    paths.add(value)
                    continue
                }
                precondition(name.elementsEqual("\"components\"".utf8), "a part has only paths and components")
                for (name, value) in JSONMembers.read(value) {
                    if !components.contains(where: { $0.name == name }) { components.append((name, Section())) }
                    for index in components.indices where components[index].name == name {
                        components[index].section.add(value)
                    }
                }
            }
        }
        var all = JSONMembers.read(JSONMembers.compact(head)[...])
        all.append((Array("\"paths\"".utf8)[...], paths.object))
        all.append((Array("\"components\"".utf8)[...], Section(components.map { ($0.name, $0.section.object) }).object))
        bytes = Array(Section(all).object)
        entityTag = "\"\(Digest.sha256(bytes).prefix(8).map { Self.hex($0) }.joined())\""
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0\(digits)" : digits
    }

    /// Members of an object that is being put together.
    private struct Section {
        private var members: [JSONMembers.Member] = []
        private var names: Set<ArraySlice<UInt8>> = []

        init() {}

        init(_ members: [JSONMembers.Member]) { add(members) }

        mutating func add(_ object: ArraySlice<UInt8>) { add(JSONMembers.read(object)) }

        private mutating func add(_ new: [JSONMembers.Member]) {
            for member in new {
                let isNew = names.insert(member.name).inserted
                precondition(isNew, "the document says \(String(decoding: member.name, as: UTF8.self)) twice")
            }
            members += new
        }

        var object: ArraySlice<UInt8> {
            let parts = members.map { Array($0.name) + [UInt8(ascii: ":")] + $0.value }
            return [UInt8(ascii: "{")] + parts.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "}")]
        }
    }
}
