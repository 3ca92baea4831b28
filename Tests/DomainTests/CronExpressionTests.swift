import Testing

@testable import Domain

@Suite struct CronExpressionTests {
    @Test(arguments: [
        ("* * * * *", "* * * * *"),
        ("  */15\t*  * * * ", "*/15 * * * *"),
        ("1-30/5 * * * *", "1-26/5 * * * *"),
        ("5/10 * * * *", "5-55/10 * * * *"),
        ("0 0 1 JAN,mar-May sun", "0 0 1 1,3-5 0"),
        ("0 0 * * Mon-FRI", "0 0 * * 1-5"),
        ("0 0 * * 7", "0 0 * * 0"),
        ("0 0 * * 5-7", "0 0 * * 0,5-6"),
        ("0 0 * * FRI-SUN", "0 0 * * 0,5-6"),
        ("0 0 * * 1/2", "0 0 * * 1-5/2"),
        ("3,2,1,1,40 * * * *", "1-3,40 * * * *"),
        ("0-59 0-23 1-31 1-12 0-6", "* * 1-31 * 0-6"),
        ("*/2,7 */1 */10 * *", "*/2,7 * */10 * *"),
        ("*/60 * * * *", "*/60 * * * *"),
        ("007 8 9 10 *", "7 8 9 10 *"),
        ("@hourly", "0 * * * *"), ("@Daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"), ("@ANNUALLY", "0 0 1 1 *"),
    ])
    func `the normal form is numbers in their shortest spelling`(text: String, normal: String) throws {
        #expect(try CronExpression(text).description == normal)
        #expect(try CronExpression(normal).description == normal)
        #expect(try CronExpression(normal) == CronExpression(text))
    }

    @Test func `the normal form of any expression reads as an equal one`() throws {
        var random = SeededRandom(seed: 3)
        var readable = 0
        for _ in 0..<5000 {
            let intended = IntendedExpression.random(using: &random)
            guard let expression = try? CronExpression(intended.description) else { continue }
            readable += 1
            #expect(try CronExpression(expression.description) == expression, "\(intended)")
            for (field, meant) in zip(expression.fields, intended.fields) {
                #expect(Set((0..<60).filter(field.contains)) == meant.values, "\(intended)")
                #expect(field.isStarred == meant.isStarred, "\(intended)")
            }
        }
        #expect(readable > 4500)
    }

    @Test(arguments: [
        ("60 * * * *", "minute", "0 to 59"), ("* 24 * * *", "hour", "0 to 23"),
        ("* * 0 * *", "day_of_month", "1 to 31"), ("* * 32 * *", "day_of_month", "1 to 31"),
        ("* * * 0 *", "month", "1 to 12"), ("* * * 13 *", "month", "1 to 12"),
        ("* * * * 8", "day_of_week", "0 to 7"),
        ("-1 * * * *", "minute", "missing"), ("1- * * * *", "minute", "missing"), ("1, * * * *", "minute", "missing"),
        (",1 * * * *", "minute", "missing"), ("1-2-3 * * * *", "minute", "numbers"),
        ("+5 * * * *", "minute", "numbers"), ("1.5 * * * *", "minute", "numbers"),
        ("99999999999999999999 * * * *", "minute", "0 to 59"), ("٣ * * * *", "minute", "numbers"),
        ("*/0 * * * *", "minute", "1 to 60"), ("*/ * * * *", "minute", "1 to 60"), ("*/61 * * * *", "minute", "every"),
        ("*/5/5 * * * *", "minute", "1 to 60"), ("*/-5 * * * *", "minute", "1 to 60"),
        ("** * * * *", "minute", "numbers"),
        ("* 22-2 * * *", "hour", "upwards"), ("* * * NOV-FEB *", "month", "upwards"),
        ("* * * FEBRUARY *", "month", "three letters"), ("* * * * thursday", "day_of_week", "three letters"),
        ("* * * APRIL *", "month", "three letters"), ("* * * * Monday", "day_of_week", "three letters"),
        ("* * * MON *", "month", "JAN to DEC"),
        ("0 0 L * *", "day_of_month", "28-31"), ("0 0 LW * *", "day_of_month", "28-31"),
        ("0 0 * * 5L", "day_of_week", "last"), ("0 0 * * friL", "day_of_week", "last"),
        ("0 0 15W * *", "day_of_month", "1-5"), ("0 0 * * 1#2", "day_of_week", "n-th"),
        ("0 0 * * MON#2", "day_of_week", "n-th"), ("0 0 ? * 1", "day_of_month", "write *"),
        ("H * * * *", "minute", "fixed"), ("H(0-7) * * * *", "minute", "fixed"), ("0~30 * * * *", "minute", "fixed"),
        ("0 * * * * *", "expression", "Seconds"), ("0 0 0 1 1 * 2030", "expression", "years"),
        ("* * * *", "expression", "five"), ("", "expression", "five"), ("   ", "expression", "five"),
        ("*\u{a0}* * * *", "expression", "five"),
        ("TZ=UTC * * * * *", "expression", "time_zone"), ("CRON_TZ=Asia/Tokyo 0 0 * * *", "expression", "time_zone"),
        ("@reboot", "expression", "starts"), ("@every 90s", "expression", "every 90s"),
        ("@fortnightly", "expression", "@weekly"), ("@daily *", "expression", "alone"),
        ("0 0 30 2 *", "day_of_month", "never"), ("0 0 31 2,4,6,9,11 *", "day_of_month", "never"),
        ("0 0 30-31 FEB */2", "day_of_month", "never"),
    ])
    func `what is wrong is refused, with the field and what to do`(text: String, field: String, advice: String) throws {
        let refusal = try #require(throws: InvalidCron.self) { try CronExpression(text) }
        #expect(refusal.field == field)
        #expect(refusal.message.contains(advice), "\(refusal)")
    }

    @Test func `an expression has a greatest length`() throws {
        let minutes = (0...59).map(String.init).joined(separator: ",")
        #expect(try CronExpression(minutes + " * * * *").description == "* * * * *")
        let long = Array(repeating: "1", count: 300).joined(separator: ",")
        #expect(throws: InvalidCron(field: "expression", message: "Write at most 512 characters.")) {
            try CronExpression(long + " * * * *")
        }
    }

    @Test(arguments: ["0 0 29 2 *", "0 0 30 2 1", "0 0 30 2,3 *", "0 0 */30 2 *", "0 0 31 */2 *"])
    func `an expression that fires now and then is accepted`(text: String) throws {
        _ = try CronExpression(text)
    }

    @Test func `spellings that behave differently are not equal`() throws {
        #expect(try CronExpression("0 */2 * * *") != CronExpression("0 0-22/2 * * *"))
        #expect(try CronExpression("0 0 1-31 * 1") != CronExpression("0 0 * * 1"))
        #expect(try CronExpression("0 0-23 * * *") == CronExpression("0 * * * *"))
    }

    @Test func `nothing that is read makes the reader trap`() {
        var random = SeededRandom(seed: 11)
        let pieces = ["*", "/", "-", ",", " ", "0", "7", "59", "99", "SUN", "L", "#", "@", "é", "\n", "=", "W", "\t"]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...14, using: &random))
                .map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }.joined()
            guard let expression = try? CronExpression(text) else { continue }
            #expect(expression.nextFiring(after: 0, in: .utc) > 0)
        }
    }
}

extension CronExpression {
    fileprivate var fields: [CronField] { [minute, hour, dayOfMonth, month, dayOfWeek] }
}
