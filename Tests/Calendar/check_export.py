#!/usr/bin/env python3
"""Reads our iCalendar exports with other people's libraries, and makes icalendar.cases of what they find.

    python3 -m venv venv && venv/bin/pip install icalendar==7.3.2 recurring-ical-events==3.8.2 tzdata
    mkdir exports
    ICALENDAR_OUTPUT=$PWD/exports ICALENDAR_CASES=60 swift test --filter ICalendarPeerTests
    venv/bin/python Tests/Calendar/check_export.py exports > Tests/Calendar/icalendar.cases

A case is a line of three fields, with tabs between them: its number, the digest of the export, the occurrences found.
Each file is read twice: as it is, by the zones that the library knows, and with its zones renamed, so that it has to go
by our VTIMEZONE components. Differences from our own expansion, and between the two, are told, and make this fail.
"""

import datetime
import pathlib
import re
import sys

import icalendar
import recurring_ical_events

UTC = datetime.timezone.utc
TWO_DAYS = datetime.timedelta(days=2)


def instant(text):
    return datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def write(moment):
    if isinstance(moment, datetime.datetime):
        return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return moment.strftime("%Y%m%d")


def begins_at(moment):
    if isinstance(moment, datetime.datetime):
        return moment.astimezone(UTC)
    return datetime.datetime(moment.year, moment.month, moment.day, tzinfo=UTC)


def occurrences(text, start, stop):
    # The library moves to this zone what is in UTC, or in a zone that only the file knows. RFC 5545 has no such thing.
    calendar = icalendar.Calendar.from_ical(re.sub(r"X-WR-TIMEZONE:.*\r\n", "", text))
    found = []
    for event in recurring_ical_events.of(calendar).between(start, stop):
        begin = event.start
        if start + TWO_DAYS <= begins_at(begin) < stop - TWO_DAYS:
            found.append(f"{write(begin)}/{write(event.end)}/{event['SUMMARY']}")
    return sorted(found)


def renamed(text):
    """Zones that nobody knows: only the file says what they are."""
    return re.sub(r"TZID([:=])", r"TZID\1Errand-", text)


def check(path):
    text = path.read_bytes().decode()
    digest, span, expected = path.with_suffix(".expected").read_text().split("\t")
    start, stop = map(instant, span.split())
    found = occurrences(text, start, stop)
    good = True
    for name, other in [("our expansion", expected.split()), ("our zones", occurrences(renamed(text), start, stop))]:
        for item in sorted(set(found) ^ set(other)) or (["(doubled)"] if found != other else []):
            side = "only in the library" if item in found else f"only in {name}"
            print(f"{path.name}: {item} {side}", file=sys.stderr)
            good = False
    print(path.stem, digest, " ".join(found), sep="\t")
    return good


def main():
    paths = sorted(pathlib.Path(sys.argv[1]).glob("*.ics"), key=lambda path: int(path.stem))
    results = [check(path) for path in paths]
    print(f"{results.count(True)} of {len(results)} cases are as expected", file=sys.stderr)
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
