import FoundationEssentials
import Testing

@testable import Vault

@Suite struct DataKeyTests {
    private static let secret = Array("1//0g-refresh-token".utf8)
    private static let place = SealedPlace(tenant: Keys.owner, record: UUID(), field: "refresh_token")

    @Test(arguments: [0, 1, 15, 16, 17, 2048, 100_000])
    func `what is sealed is opened again`(_ count: Int) throws {
        let key = Keys.data()
        let plaintext = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let sealed = key.seal(plaintext, for: Self.place)
        #expect(sealed.rawValue.hasPrefix("sv1.1.") && sealed.keyVersion == 1)
        let stored = try SealedText(sealed.rawValue)
        #expect(stored == sealed)
        #expect(try key.open(stored, for: Self.place) == plaintext)
        #expect(key.seal(plaintext, for: Self.place) != sealed)
    }

    @Test func `a value that was moved does not open`() throws {
        let key = Keys.data()
        let sealed = key.seal(Self.secret, for: Self.place)
        let (tenant, record, field) = (Self.place.tenant, Self.place.record, Self.place.field)
        let others = [
            SealedPlace(tenant: UUID(), record: record, field: field),
            SealedPlace(tenant: tenant, record: UUID(), field: field),
            SealedPlace(tenant: record, record: tenant, field: field),
            SealedPlace(tenant: tenant, record: record, field: "access_token"),
            SealedPlace(tenant: tenant, record: record, field: ""),
            SealedPlace(tenant: tenant, record: record, field: field + " "),
            SealedPlace(tenant: tenant, record: record, field: String(field.dropLast())),
        ]
        for other in others {
            #expect(throws: SealingError.notAuthentic, "\(other)") { try key.open(sealed, for: other) }
        }
        #expect(try key.open(sealed, for: Self.place) == Self.secret)
    }

    @Test func `another owner's key, another version and another key of the same name do not open it`() throws {
        let key = Keys.data()
        let sealed = key.seal(Self.secret, for: Self.place)
        #expect(throws: SealingError.notAuthentic) { try Keys.data().open(sealed, for: Self.place) }
        #expect(throws: SealingError.unknownKeyVersion) { try Keys.data(version: 2).open(sealed, for: Self.place) }
        // The same bytes under another name: the name is authenticated too.
        let renamed = DataKey(owner: UUID(), version: 1, bytes: key.bytes)
        #expect(throws: SealingError.notAuthentic) { try renamed.open(sealed, for: Self.place) }
        let relabelled = try SealedText(sealed.rawValue.replacing("sv1.1.", with: "sv1.2."))
        #expect(throws: SealingError.unknownKeyVersion) { try key.open(relabelled, for: Self.place) }
        let newer = DataKey(owner: Keys.owner, version: 2, bytes: key.bytes)
        #expect(throws: SealingError.notAuthentic) { try newer.open(relabelled, for: Self.place) }
    }

    @Test func `every bit flipped is refused`() throws {
        let key = Keys.data()
        let sealed = key.seal(Self.secret, for: Self.place)
        for flipped in sealed.bytes.flips {
            let text = SealedText(keyVersion: 1, bytes: flipped)
            #expect(throws: SealingError.notAuthentic) { try key.open(text, for: Self.place) }
        }
        for flipped in Array(sealed.rawValue.utf8).flips {
            guard let text = SealedText(rawValue: String(decoding: flipped, as: UTF8.self)) else { continue }
            #expect(throws: SealingError.self) { try key.open(text, for: Self.place) }
        }
    }

    @Test func `a sealed value has one writing`() throws {
        let good = Keys.data().seal(Self.secret, for: Self.place).rawValue
        let body = String(good.dropFirst("sv1.1.".utf8.count))
        let bad = [
            "", ".", "..", body, "sv1", "sv1.1", "sv1.1.", "sv2.1." + body, "SV1.1." + body, "sv1.01." + body,
            "sv1.+1." + body, "sv1.0." + body, "sv1.-1." + body, "sv1.2147483648." + body, "sv1. 1." + body,
            "sv1.١." + body, "sv1..1." + body, good + ".", good + "=", good + "\n", " " + good,
            "sv1.1." + body.prefix(37), "sv1.1." + body.replacing("-", with: "+").replacing("_", with: "/") + "!",
        ]
        for text in bad {
            #expect(SealedText(rawValue: text) == nil, "\(text)")
            #expect(throws: SealingError.malformed, "\(text)") { try SealedText(text) }
        }
        #expect(try SealedText("sv1.2147483647." + body).keyVersion == 2_147_483_647)
    }

    @Test func `no description holds a secret`() throws {
        let bytes = [UInt8](repeating: 0xA7, count: 32)
        let master = MasterKey(id: "k1", bytes: KeyBytes(bytes))
        let keys = try MasterKeys([master])
        let key = DataKey(owner: Keys.owner, version: 3, bytes: KeyBytes(bytes))
        let place = SealedPlace(tenant: Keys.owner, record: UUID(), field: "x")
        let values: [Any] = [master, keys, key, LocalKeyWrapping(keys), key.seal(bytes, for: place)]
        for value in values {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                for trace in ["a7a7a7", "A7A7A7", "p6enp6en"] {
                    #expect(!text.contains(trace), "\(trace) in \(text)")
                }
                // As decimals; an address or an owner may have them once.
                #expect(text.ranges(of: "167").count < 8, "\(text)")
            }
        }
        #expect("\(key)" == "data key 3 of \(Keys.owner.text)" && "\(keys)" == "master keys k1")
    }

    @Test func `lists of parts are the same bytes only when they are the same`() {
        let lists: [[[UInt8]]] = [
            [], [[]], [[], []], [[1]], [[1], []], [[], [1]], [[1, 2]], [[1], [2]], [[0, 0, 0, 1]],
        ]
        #expect(Set(lists.map { [UInt8](lengthPrefixed: $0) }).count == lists.count)
        #expect([UInt8](lengthPrefixed: [[7, 8], []]) == [0, 0, 0, 2, 7, 8, 0, 0, 0, 0])
    }
}
