import Settings

/// How connections are renewed.
struct RenewalSettings: Sendable {
    /// RENEWALS_PER_SECOND: what a sweep starts at one provider.
    var perSecond = 50
    /// RENEWAL_TIMEOUT_SECONDS: how long a provider may take to answer.
    var callSeconds = 20

    init() {}

    init(from reader: inout SettingsReader) {
        perSecond = reader.int("renewals.per.second", default: perSecond, in: 1...10_000)
        // An attempt lasts a minute, and there has to be time to write the answer.
        callSeconds = reader.int("renewal.timeout.seconds", default: callSeconds, in: 1...25)
    }

    /// How long after its beginning an answer may still be written: others wait for it so long.
    var answerSeconds: Int { callSeconds * 2 + 5 }
}
