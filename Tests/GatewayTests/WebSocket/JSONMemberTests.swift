import Testing

@testable import APIGateway

@Suite struct JSONMemberTests {
    private func value(_ object: String) -> String? {
        JSONMember.value(of: "job", in: Array(object.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        (#"{"job":1}"#, "1"),
        (#" { "a" : "job" , "job" : {"a": [1, "}"], "b":"\"}"} , "c":2 }"#, #"{"a": [1, "}"], "b":"\"}"}"#),
        (#"{"x":{"job":1},"job":[{"job":2}]}"#, #"[{"job":2}]"#), (#"{"a\"job":3,"job":"\\"}"#, #""\\""#),
        ("{\"job\"\n:\ttrue\n}", "true"), (#"{"a":[],"b":{},"job":-1.5e3}"#, "-1.5e3"),
        (#"{"job":null,"job":1}"#, "null"),
    ]) func `a member is found as it was written`(object: String, member: String) {
        #expect(value(object) == member)
    }

    @Test(arguments: [
        #"{}"#, #"{"jobs":1}"#, #"{"a":{"job":1}}"#, #"["job",1]"#, "", "{", #"{"job"#, #"{"a":"#, #"{"a":"\"#,
    ])
    func `what is not there is not found, whatever the bytes are`(object: String) {
        #expect(value(object) == nil || value(object) == "")
    }
}
