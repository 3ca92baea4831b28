import Testing

/// The tests that talk to a real Redis, one at a time: several set deadlines of a few hundred milliseconds.
@Suite(.serialized, .timeLimit(.minutes(1)))
enum LiveTests {}
