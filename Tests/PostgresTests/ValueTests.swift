import FoundationEssentials
import Postgres
import Testing

@Suite struct ValueTests {
    @Test func `every type comes back as it went`() async throws {
        try await TestDatabase.run { _, pool in
            let id = UUID()
            let statement = Statement(
                "echo", "select $1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, ($10::int4)::int2, $11::float8::float4")
            let json = Array(#"{"a": [1, "ü"]}"#.utf8)
            let date = Date(timeIntervalSince1970: 1_763_728_123.123456)
            let row = try #require(
                try await pool.query(
                    statement,
                    [
                        .bool(true), .int(.min), .int32(.max), .double(-0.1), .text("naïve 日本 👩‍👩‍👧"),
                        .bytes([0, 255, 1]), .uuid(id), .json(json), .timestamp(date), .int32(-7), .double(1.5),
                    ]
                ).first)
            #expect(try row.bool(0))
            #expect(try row.int(1) == .min)
            #expect(try row.int(2) == Int(Int32.max))
            #expect(try row.double(3) == -0.1)
            #expect(try row.text(4) == "naïve 日本 👩‍👩‍👧")
            #expect(try row.bytes(5) == [0, 255, 1])
            #expect(try row.uuid(6) == id)
            #expect(try row.json(7) == json)
            #expect(abs(try row.timestamp(8).timeIntervalSince(date)) < 0.000_000_5)
            #expect(try row.int(9) == -7)
            #expect(try row.double(10) == 1.5)
        }
    }

    @Test func `arrays come back as they went, with nulls and empty`() async throws {
        try await TestDatabase.run { _, pool in
            let ids = [UUID(), UUID()]
            let statement = Statement("arrays", "select $1, $2, $3, $4, $5, $6, $7")
            let row = try #require(
                try await pool.query(
                    statement,
                    [
                        .uuids(ids), .texts([]), .optionalTexts(["a", nil, ""]), .ints([1, -2]), .int32s([3]),
                        .optionalUUIDs([]), .texts(["x,{}\"\\", "ß"]),
                    ]
                ).first)
            #expect(try row.uuids(0) == ids)
            #expect(try row.texts(1) == [])
            #expect(try row.optionalTexts(2) == ["a", nil, ""])
            #expect(try row.ints(3) == [1, -2])
            #expect(try row.ints(4) == [3])
            #expect(try row.uuids(5) == [])
            #expect(try row.texts(6) == ["x,{}\"\\", "ß"])
            #expect(throws: PostgresError.self) { try row.texts(2) }
        }
    }

    @Test func `unnested arrays become rows in order`() async throws {
        try await TestDatabase.run { _, pool in
            let statement = Statement(
                "unnest",
                """
                select j, t, b, f from unnest($1::jsonb[], $2::timestamptz[], $3::bytea[], $4::bool[])
                with ordinality as u(j, t, b, f, n) order by n
                """)
            let date = Date(timeIntervalSince1970: 1.5)
            let rows = try await pool.query(
                statement,
                [
                    .jsons([Array("1".utf8), nil]), .timestamps([nil, date]), .byteArrays([[], [7]]),
                    .bools([false, true]),
                ])
            #expect(rows.count == 2)
            #expect(try rows[0].json(0) == Array("1".utf8))
            #expect(try rows[1].optionalJSON(0) == nil)
            #expect(try rows[0].optionalTimestamp(1) == nil)
            #expect(try rows[1].timestamp(1) == date)
            #expect(try rows[0].bytes(2) == [])
            #expect(try rows[1].bool(3))
        }
    }

    @Test func `null takes any type, before and after a value was bound`() async throws {
        try await TestDatabase.run(poolSize: 1) { _, pool in
            try await pool.script("create table n (a int4, b text, c timestamptz, d jsonb)")
            let insert = Statement("insert_n", "insert into n values ($1, $2, $3, $4) returning a, b, c, d")
            let empty = try #require(try await pool.query(insert, [.null, .null, .null, .null]).first)
            #expect(try empty.optionalInt(0) == nil)
            #expect(try empty.optionalText(1) == nil)
            #expect(try empty.optionalTimestamp(2) == nil)
            #expect(try empty.optionalJSON(3) == nil)
            let full = try #require(
                try await pool.query(insert, [.int(5), .text(""), .timestamp(.now), .json([0x31])]).first)
            #expect(try full.int(0) == 5)
            #expect(try full.text(1) == "")
            let mixed = try await pool.query(insert, [.int(6), .null, .null, .json([0x32])])
            #expect(try mixed.first?.int(0) == 6)
            let other = try await pool.query(insert, [.int32(7), .null, .null, .null])
            #expect(try other.first?.int(0) == 7)
        }
    }

    @Test func `timestamps keep microseconds over the whole range`() async throws {
        try await TestDatabase.run { _, pool in
            let statement = Statement(
                "microseconds", "select (extract(epoch from $1::timestamptz) * 1000000)::int8, $1")
            for microseconds in [
                0, 1, -1, 999_999, 1_763_728_123_123_457, -62_135_596_800_000_000, 253_402_300_799_999_999,
            ] {
                let date = Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
                let row = try #require(try await pool.query(statement, [.timestamp(date)]).first)
                let expected = Int((date.timeIntervalSinceReferenceDate * 1_000_000).rounded()) + 978_307_200_000_000
                #expect(abs(try row.int(0) - expected) <= (abs(microseconds) > 9_007_199_254_740_992 ? 32 : 1))
                #expect(try row.timestamp(1).timeIntervalSince(date).magnitude < 0.000_05)
            }
            let echo = Statement("echo_timestamp", "select $1")
            let row = try #require(try await pool.query(echo, [.timestamp(.init(timeIntervalSince1970: 1e300))]).first)
            #expect(throws: PostgresError.self) { try row.timestamp(0) }
            await #expect(throws: PostgresError.encoding(statement: "microseconds")) {
                try await pool.query(statement, [.timestamp(Date(timeIntervalSince1970: .nan))])
            }
        }
    }

    @Test func `a row names statement and column, never the value, when it cannot decode`() async throws {
        try await TestDatabase.run { _, pool in
            let row = try #require(
                try await pool.query(Statement("secretive", "select $1 as token, null::int4"), [.text("s3cret")]).first)
            let error = #expect(throws: PostgresError.self) { try row.int(0) }
            #expect(error == .decoding(statement: "secretive", column: "0 (token)", expected: "integer"))
            #expect(throws: PostgresError.self) { try row.int(1) }
            #expect(throws: PostgresError.self) { try row.int(2) }
            #expect(!"\(row)".contains("s3cret"))
            var dumped = ""
            dump(row, to: &dumped)
            dump(PostgresValue.text("s3cret"), to: &dumped)
            #expect(!dumped.contains("s3cret"))
        }
    }

    @Test func `an enum's label and a large text are texts`() async throws {
        try await TestDatabase.run { database, pool in
            try await pool.script("create type mood as enum ('calm', 'glad')")
            let label = try await pool.query(Statement("mood", "select $1::mood"), [.text("glad")])
            #expect(try label.first?.text(0) == "glad")
            let large = String(repeating: "ü", count: 3_000_000)
            let echo = try await pool.query(Statement("large", "select $1"), [.text(large)])
            #expect(try echo.first?.text(0) == large)
        }
    }
}
