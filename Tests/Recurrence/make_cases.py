#!/usr/bin/env python3
"""Makes dateutil.cases: recurring events, and the occurrences that python-dateutil finds for them.

    python3 -m venv venv && venv/bin/pip install python-dateutil==4.0.0 tzdata
    venv/bin/python Tests/Recurrence/make_cases.py > Tests/Recurrence/dateutil.cases

A case is a line of five fields, with tabs between them: the zone (`day` for an event of whole days), the start, the
lines of the recurrence with `|` between them, the half-open range, the occurrences in it (in UTC, or days).

Where dateutil departs from RFC 5545 section 3.3.10, a case is either not made or put to it so that it does not matter:
- BYWEEKNO alone means all seven days to it, and not the start's weekday: it is told the weekday.
- A set of BYSETPOS in a week begins at the start for it, and not at WKST: such starts are on WKST.
- Weekdays with and without ordinals must both hold for it: a rule has one sort only.
- Weeks from the end of the year are not seen by it in the days of the next year's first week: there is only -1.
- The last week of a year, in the days that it has in January, is numbered by the wrong year's length (2 January 2011
  is in week 52, and not for it): there are no weeks 52 and 53.
- A start that its rule does not make is no occurrence to it, and none of COUNT: it is added, and COUNT is one less.
"""

import datetime
import itertools
import random
import types
import zoneinfo

from dateutil import rrule

SEED = 5545
CASES = 480
LAST_YEAR = 2024
UTC = datetime.timezone.utc
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
FREQUENCIES = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]
# With days on which their clocks were set.
ZONES = {
    "America/New_York": ["2007-03-11", "2007-11-04", "2016-03-13", "2019-11-03"],
    "Europe/Berlin": ["2005-03-27", "2011-10-30", "2018-03-25"],
    "Asia/Kolkata": ["2012-02-29"],
    "Australia/Lord_Howe": ["2013-10-06", "2014-04-06"],
    "America/Sao_Paulo": ["2016-10-16", "2017-02-19"],
    "Africa/Cairo": ["2023-04-28", "2023-10-27"],
    "Pacific/Apia": ["2011-12-28", "2012-04-01"],
    "UTC": ["2000-02-29", "1999-12-31"],
}
# A rule that never fires would be followed to the year 9999: this one's MAXYEAR is set for each case.
rrule.datetime = types.SimpleNamespace(**vars(datetime))


def some(dice, values, most):
    return sorted(dice.sample(values, dice.randint(1, min(most, len(values)))))


def signed(dice, last, most):
    return some(dice, [n for n in range(-last, last + 1) if n], most)


def date_parts(dice, frequency):
    parts = {}
    if dice.random() < 0.35:
        parts["BYMONTH"] = some(dice, range(1, 13), 4)
    if frequency == "YEARLY" and dice.random() < 0.25:
        parts["BYWEEKNO"] = some(dice, [-1, *range(1, 52)], 4)
    elif frequency in ("YEARLY", "HOURLY", "MINUTELY", "SECONDLY") and dice.random() < 0.2:
        parts["BYYEARDAY"] = signed(dice, 366, 12)
    if frequency != "WEEKLY" and dice.random() < 0.3:
        parts["BYMONTHDAY"] = signed(dice, 31, 8)
    if dice.random() < 0.5:
        days = dice.sample(WEEKDAYS, dice.randint(1, 4))
        if frequency in ("YEARLY", "MONTHLY") and "BYWEEKNO" not in parts and dice.random() < 0.5:
            last = 53 if frequency == "YEARLY" and "BYMONTH" not in parts else 5
            days = [f"{dice.choice(signed(dice, last, 1))}{day}" for day in days]
        parts["BYDAY"] = days
    return parts


def time_parts(dice, frequency):
    parts = {}
    if dice.random() < 0.3:
        parts["BYHOUR"] = some(dice, [0, 1, 2, 3, 8, 9, 12, 17, 23], 4)
    if dice.random() < 0.25:
        parts["BYMINUTE"] = some(dice, [0, 10, 15, 20, 30, 45, 59], 3)
    if dice.random() < (0.5 if frequency == "SECONDLY" else 0.15):
        parts["BYSECOND"] = some(dice, [0, 1, 15, 30, 59], 3)
    return parts


def random_rule(dice, all_day):
    frequency = dice.choice(FREQUENCIES[:4] if all_day else FREQUENCIES[:4] * 2 + FREQUENCIES[4:])
    parts = {"FREQ": [frequency]}
    if dice.random() < 0.5:
        parts["INTERVAL"] = [dice.randint(2, 5) if frequency != "SECONDLY" else dice.choice([7, 90, 600])]
    parts |= date_parts(dice, frequency)
    if not all_day:
        parts |= time_parts(dice, frequency)
    # A place that no minute has would be looked for in each.
    may_have_places = frequency not in ("MINUTELY", "SECONDLY") and any(name.startswith("BY") for name in parts)
    if may_have_places and dice.random() < 0.3:
        parts["BYSETPOS"] = signed(dice, dice.choice([2, 5, 40]), 3)
    if dice.random() < 0.4:
        parts["WKST"] = [dice.choice(WEEKDAYS)]
    return parts


def text(parts):
    return ";".join(f"{name}={','.join(map(str, values))}" for name, values in parts.items())


def random_start(dice, zone, all_day):
    if zone and dice.random() < 0.6:
        day = datetime.datetime.fromisoformat(dice.choice(ZONES[zone])) - datetime.timedelta(days=dice.randint(0, 8))
    else:
        day = datetime.datetime(dice.randint(1996, 2018), 1, 1) + datetime.timedelta(days=dice.randint(0, 365))
    if all_day:
        return day
    hour = dice.choice([0, 1, 2, 3, 9, 14, 23])
    return day.replace(hour=hour, minute=dice.choice([0, 15, 30, 59]), second=dice.choice([0, 0, 0, 59]))


class Event:
    """One case while it is made. Its times are naive: what the event's clock shows."""

    def __init__(self, dice):
        self.dice = dice
        self.all_day = dice.random() < 0.25
        self.zone = None if self.all_day else dice.choice(list(ZONES))
        self.parts = random_rule(dice, self.all_day)
        self.start = self.week_start(random_start(dice, self.zone, self.all_day))
        is_fine = self.parts["FREQ"][0] in FREQUENCIES[4:]
        self.last_year = min(LAST_YEAR, self.start.year + 2) if is_fine else LAST_YEAR
        rrule.datetime.MAXYEAR = self.last_year

    def week_start(self, moment):
        if self.parts["FREQ"] == ["WEEKLY"] and "BYSETPOS" in self.parts:
            wanted = WEEKDAYS.index(self.parts.get("WKST", ["MO"])[0])
            return moment - datetime.timedelta(days=(moment.weekday() - wanted) % 7)
        return moment

    def instant(self, moment):
        if self.all_day:
            return moment.replace(tzinfo=UTC)
        # fold=0: the offset before a gap, and the first of two times.
        return moment.replace(tzinfo=zoneinfo.ZoneInfo(self.zone), fold=0).astimezone(UTC)

    def rule(self, parts):
        if "BYWEEKNO" in parts and not {"BYDAY", "BYMONTHDAY"} & parts.keys():
            parts = parts | {"BYDAY": [WEEKDAYS[self.start.weekday()]]}
        return rrule.rrulestr(text(parts), dtstart=self.start)

    def synchronise(self):
        """Moves the start to the first time that the rule makes, where that still makes it."""
        first = next(iter(self.rule(self.parts)), None)
        if first and self.week_start(first) == first:
            before, self.start = self.start, first
            if next(iter(self.rule(self.parts)), None) != first:
                self.start = before

    def bound(self):
        """Adds COUNT or UNTIL, or neither. Returns what dateutil is asked for, and the last instant."""
        times = list(itertools.islice(self.rule(self.parts), 120))
        choice = self.dice.random()
        if choice < 0.35:
            count = self.dice.randint(1, 40)
            self.parts["COUNT"] = [count]
            made = count if times and times[0] == self.start else count - 1
            return (self.rule(self.parts | {"COUNT": [made]}) if made else []), None
        if choice < 0.65 and times:
            return self.rule(self.parts), self.until(self.dice.choice(times))
        return self.rule(self.parts), None

    def until(self, moment):
        """At an occurrence, which is then included, or just before it, which then is not."""
        step = datetime.timedelta(days=1) if self.all_day else datetime.timedelta(seconds=1)
        instant = self.instant(moment) - step * self.dice.randint(0, 1)
        self.parts["UNTIL"] = [instant.strftime("%Y%m%d" if self.all_day else "%Y%m%dT%H%M%SZ")]
        return instant

    def without_until(self, rule):
        parts = {name: value for name, value in self.parts.items() if name != "UNTIL"}
        return self.rule(parts) if "UNTIL" in self.parts else rule

    def date_line(self, name, moments):
        values = ",".join(moment.strftime("%Y%m%d" if self.all_day else "%Y%m%dT%H%M%S") for moment in moments)
        parameter = "VALUE=DATE" if self.all_day else f"TZID={self.zone}"
        return f"{name};{parameter}:{values}"

    def occurrences(self):
        """All instants up to the end of the last year, or the first some hundred; and the lines."""
        rule, last = self.bound()
        made = itertools.islice(self.without_until(rule), 600)
        instants = [instant for instant in map(self.instant, made) if not last or instant <= last]
        found = {self.instant(self.start), *instants}
        lines = ["RRULE:" + text(self.parts)]
        if self.dice.random() < 0.25:
            extra = [self.start + datetime.timedelta(days=self.dice.randint(1, 90)) for _ in range(2)]
            lines.append(self.date_line("RDATE", extra))
            found |= {self.instant(moment) for moment in extra}
        if self.dice.random() < 0.3 and instants:
            local = list(itertools.islice(self.without_until(rule), 8))
            gone = self.dice.sample(local, min(3, len(local)))
            lines.append(self.date_line("EXDATE", gone))
            found -= {self.instant(moment) for moment in gone}
        if self.dice.random() < 0.15:
            parts = {"FREQ": ["WEEKLY"], "BYDAY": [self.dice.choice(WEEKDAYS)], "INTERVAL": [self.dice.randint(1, 3)]}
            lines.append("EXRULE:" + text(parts))
            last_found = max(found, default=self.instant(self.start)) + datetime.timedelta(days=2)
            gone = itertools.takewhile(lambda m: self.instant(m) <= last_found, self.rule(parts))
            found -= {self.instant(moment) for moment in gone}
        # Times that a gap moved may be later than ones that were not made any more.
        is_cut = len(instants) == 600
        edge = instants[-5] - datetime.timedelta(days=2) if is_cut else None
        return sorted(instant for instant in found if not edge or instant < edge), edge, lines

    def window(self, found, edge):
        """Some of them, or the whole time up to the last year."""
        end = edge or datetime.datetime(self.last_year, 1, 1, tzinfo=UTC)
        found = [instant for instant in found if instant < end]
        if not found or (not edge and len(found) <= 16):
            return self.instant(self.start) - datetime.timedelta(days=400), end, found
        first = self.dice.choice([0, self.dice.randrange(len(found))])
        chosen = found[first : first + 16]
        after = found[first + 16] if len(found) > first + 16 else end
        return chosen[0], after, chosen

    def write(self, moment):
        return moment.strftime("%Y%m%d" if self.all_day else "%Y%m%dT%H%M%SZ")

    def line(self):
        if self.dice.random() < 0.7:
            self.synchronise()
        found, edge, lines = self.occurrences()
        start, end, chosen = self.window(found, edge)
        if self.all_day:
            end = end.replace(hour=0, minute=0, second=0)
        if start >= end:
            return None
        local = self.start.strftime("%Y%m%d" if self.all_day else "%Y%m%dT%H%M%S")
        fields = [self.zone or "day", local, "|".join(lines), f"{self.write(start)} {self.write(end)}"]
        return "\t".join([*fields, " ".join(map(self.write, chosen))])


def main():
    dice = random.Random(SEED)
    made = 0
    while made < CASES:
        try:
            line = Event(dice).line()
        except (ZeroDivisionError, ValueError, IndexError):
            # What dateutil takes as never firing, and BYSETPOS in a period without times.
            continue
        if line:
            print(line)
            made += 1


if __name__ == "__main__":
    main()
