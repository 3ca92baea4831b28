extension RecurrenceExample {
    static let days: [RecurrenceExample] = [
        RecurrenceExample(
            title: "daily for 10 occurrences", start: "19970902", rules: ["FREQ=DAILY;COUNT=10"],
            published: "1997 EDT Sep 2-11"),
        RecurrenceExample(
            title: "daily until December 24, 1997", start: "19970902", rules: ["FREQ=DAILY;UNTIL=19971224T000000Z"],
            published: "1997 EDT Sep 2-30 Oct 1-25 EST Oct 26-31 Nov 1-30 Dec 1-23"),
        RecurrenceExample(
            title: "every other day", start: "19970902", rules: ["FREQ=DAILY;INTERVAL=2"],
            published: "1997 EDT Sep 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30 Oct 2,4,6,8,10,12,14,16,18,20,22,24 "
                + "EST Oct 26,28,30 Nov 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29 Dec 1,3",
            isOpen: true),
        RecurrenceExample(
            title: "every 10 days, 5 occurrences", start: "19970902", rules: ["FREQ=DAILY;INTERVAL=10;COUNT=5"],
            published: "1997 EDT Sep 2,12,22 Oct 2,12"),
        RecurrenceExample(
            title: "every day in January, for 3 years", start: "19980101",
            rules: [
                "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
                "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1",
            ],
            published: "EST 1998 Jan 1-31 1999 Jan 1-31 2000 Jan 1-31"),
    ]

    static let weeks: [RecurrenceExample] = [
        RecurrenceExample(
            title: "weekly for 10 occurrences", start: "19970902", rules: ["FREQ=WEEKLY;COUNT=10"],
            published: "1997 EDT Sep 2,9,16,23,30 Oct 7,14,21 EST Oct 28 Nov 4"),
        RecurrenceExample(
            title: "weekly until December 24, 1997", start: "19970902", rules: ["FREQ=WEEKLY;UNTIL=19971224T000000Z"],
            published: "1997 EDT Sep 2,9,16,23,30 Oct 7,14,21 EST Oct 28 Nov 4,11,18,25 Dec 2,9,16,23"),
        RecurrenceExample(
            title: "every other week", start: "19970902", rules: ["FREQ=WEEKLY;INTERVAL=2;WKST=SU"],
            published: "1997 EDT Sep 2,16,30 Oct 14 EST Oct 28 Nov 11,25 Dec 9,23 1998 Jan 6,20 Feb 3,17",
            isOpen: true),
        RecurrenceExample(
            title: "weekly on Tuesday and Thursday for five weeks", start: "19970902",
            rules: [
                "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH",
            ],
            published: "1997 EDT Sep 2,4,9,11,16,18,23,25,30 Oct 2"),
        RecurrenceExample(
            title: "every other week on Monday, Wednesday and Friday until December 24, 1997", start: "19970901",
            rules: ["FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR"],
            published: "1997 EDT Sep 1,3,5,15,17,19,29 Oct 1,3,13,15,17 EST Oct 27,29,31 Nov 10,12,14,24,26,28 "
                + "Dec 8,10,12,22"),
        RecurrenceExample(
            title: "every other week on Tuesday and Thursday, for 8 occurrences", start: "19970902",
            rules: ["FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH"],
            published: "1997 EDT Sep 2,4,16,18,30 Oct 2,14,16"),
        RecurrenceExample(
            title: "the week starts on Monday", start: "19970805",
            rules: ["FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO"], published: "1997 EDT Aug 5,10,19,24"),
        RecurrenceExample(
            title: "the week starts on Sunday", start: "19970805",
            rules: ["FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU"], published: "1997 EDT Aug 5,17,19,31"),
    ]

    static let months: [RecurrenceExample] = [
        RecurrenceExample(
            title: "monthly on the first Friday for 10 occurrences", start: "19970905",
            rules: ["FREQ=MONTHLY;COUNT=10;BYDAY=1FR"],
            published: "1997 EDT Sep 5 Oct 3 EST Nov 7 Dec 5 1998 Jan 2 Feb 6 Mar 6 Apr 3 EDT May 1 Jun 5"),
        RecurrenceExample(
            title: "monthly on the first Friday until December 24, 1997", start: "19970905",
            rules: ["FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR"],
            published: "1997 EDT Sep 5 Oct 3 EST Nov 7 Dec 5"),
        RecurrenceExample(
            title: "every other month on the first and last Sunday, for 10 occurrences", start: "19970907",
            rules: ["FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU"],
            published: "1997 EDT Sep 7,28 EST Nov 2,30 1998 Jan 4,25 Mar 1,29 EDT May 3,31"),
        RecurrenceExample(
            title: "monthly on the second-to-last Monday for 6 months", start: "19970922",
            rules: ["FREQ=MONTHLY;COUNT=6;BYDAY=-2MO"],
            published: "1997 EDT Sep 22 Oct 20 EST Nov 17 Dec 22 1998 Jan 19 Feb 16"),
        RecurrenceExample(
            title: "monthly on the third-to-the-last day", start: "19970928", rules: ["FREQ=MONTHLY;BYMONTHDAY=-3"],
            published: "1997 EDT Sep 28 EST Oct 29 Nov 28 Dec 29 1998 Jan 29 Feb 26", isOpen: true),
        RecurrenceExample(
            title: "monthly on the 2nd and 15th for 10 occurrences", start: "19970902",
            rules: ["FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15"],
            published: "1997 EDT Sep 2,15 Oct 2,15 EST Nov 2,15 Dec 2,15 1998 Jan 2,15"),
        RecurrenceExample(
            title: "monthly on the first and last day for 10 occurrences", start: "19970930",
            rules: ["FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1"],
            published: "1997 EDT Sep 30 Oct 1 EST Oct 31 Nov 1,30 Dec 1,31 1998 Jan 1,31 Feb 1"),
        RecurrenceExample(
            title: "every 18 months on the 10th thru 15th for 10 occurrences", start: "19970910",
            rules: ["FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15"],
            published: "1997 EDT Sep 10-15 1999 EST Mar 10-13"),
        RecurrenceExample(
            title: "every Tuesday, every other month", start: "19970902", rules: ["FREQ=MONTHLY;INTERVAL=2;BYDAY=TU"],
            published: "1997 EDT Sep 2,9,16,23,30 EST Nov 4,11,18,25 1998 Jan 6,13,20,27 Mar 3,10,17,24,31",
            isOpen: true),
        RecurrenceExample(
            title: "the first Saturday that follows the first Sunday of the month", start: "19970913",
            rules: ["FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13"],
            published: "1997 EDT Sep 13 Oct 11 EST Nov 8 Dec 13 1998 Jan 10 Feb 7 Mar 7 EDT Apr 11 May 9 Jun 13",
            isOpen: true),
        RecurrenceExample(
            title: "the third instance into the month of Tuesday, Wednesday or Thursday", start: "19970904",
            rules: ["FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3"], published: "1997 EDT Sep 4 Oct 7 EST Nov 6"),
        RecurrenceExample(
            title: "the second-to-last weekday of the month", start: "19970929",
            rules: ["FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2"],
            published: "1997 EDT Sep 29 EST Oct 30 Nov 27 Dec 30 1998 Jan 29 Feb 26 Mar 30", isOpen: true),
        RecurrenceExample(
            title: "an invalid date (February 30) is ignored", start: "20070115",
            rules: ["FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5"], published: "2007 EST Jan 15,30 Feb 15 EDT Mar 15,30"),
    ]

    static let years: [RecurrenceExample] = [
        RecurrenceExample(
            title: "yearly in June and July for 10 occurrences", start: "19970610",
            rules: ["FREQ=YEARLY;COUNT=10;BYMONTH=6,7"],
            published: "EDT 1997 Jun 10 Jul 10 1998 Jun 10 Jul 10 1999 Jun 10 Jul 10 2000 Jun 10 Jul 10 "
                + "2001 Jun 10 Jul 10"),
        RecurrenceExample(
            title: "every other year on January, February and March for 10 occurrences", start: "19970310",
            rules: ["FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3"],
            published: "EST 1997 Mar 10 1999 Jan 10 Feb 10 Mar 10 2001 Jan 10 Feb 10 Mar 10 2003 Jan 10 Feb 10 Mar 10"),
        RecurrenceExample(
            title: "every third year on the 1st, 100th and 200th day for 10 occurrences", start: "19970101",
            rules: ["FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200"],
            published: "1997 EST Jan 1 EDT Apr 10 Jul 19 2000 EST Jan 1 EDT Apr 9 Jul 18 2003 EST Jan 1 EDT Apr 10 "
                + "Jul 19 2006 EST Jan 1"),
        RecurrenceExample(
            title: "every 20th Monday of the year", start: "19970519", rules: ["FREQ=YEARLY;BYDAY=20MO"],
            published: "EDT 1997 May 19 1998 May 18 1999 May 17", isOpen: true),
        RecurrenceExample(
            title: "Monday of week number 20", start: "19970512", rules: ["FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO"],
            published: "EDT 1997 May 12 1998 May 11 1999 May 17", isOpen: true),
        RecurrenceExample(
            title: "every Thursday in March", start: "19970313", rules: ["FREQ=YEARLY;BYMONTH=3;BYDAY=TH"],
            published: "EST 1997 Mar 13,20,27 1998 Mar 5,12,19,26 1999 Mar 4,11,18,25", isOpen: true),
        RecurrenceExample(
            title: "every Thursday, but only during June, July and August", start: "19970605",
            rules: ["FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8"],
            published: "EDT 1997 Jun 5,12,19,26 Jul 3,10,17,24,31 Aug 7,14,21,28 1998 Jun 4,11,18,25 Jul 2,9,16,23,30 "
                + "Aug 6,13,20,27 1999 Jun 3,10,17,24 Jul 1,8,15,22,29 Aug 5,12,19,26",
            isOpen: true),
        RecurrenceExample(
            title: "U.S. Presidential Election day", start: "19961105",
            rules: ["FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8"],
            published: "EST 1996 Nov 5 2000 Nov 7 2004 Nov 2", isOpen: true),
    ]
}
