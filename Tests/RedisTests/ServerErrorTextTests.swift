import Testing

@testable import Redis

struct ServerErrorTextTests {
    @Test(arguments: [
        ("WRONGTYPE Operation against a key holding the wrong kind of value", nil),
        ("ERR unknown command 'FOO', with args beginning with: 'secret' 'b' ", "ERR unknown command '…'"),
        ("ERR wrong number of arguments for 'lpush' command", nil),
        ("ERR unknown subcommand 'secret'. Try CLIENT HELP.", "ERR unknown subcommand '…'. Try CLIENT HELP."),
        ("ERR Error in ACL SETUSER modifier '>sec'ret': no", "ERR Error in ACL SETUSER modifier '…': no"),
        ("ERR user_script:1: attempt to index local 'job' (a nil value)", nil),
        ("ERR syntax error, it's odd", nil),
    ])
    func `words of the command are blanked and Redis' own kept`(text: String, expected: String?) {
        #expect(ServerErrorText.redacted(text) == expected ?? text)
    }

    @Test func `a long text is cut`() {
        #expect(ServerErrorText.redacted(String(repeating: "x", count: 10_000)).count < 600)
    }
}
