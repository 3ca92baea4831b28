"""What can be put in, changed and deleted, and what is refused."""

import datetime
import json

from calendar_checks import schema
from calendar_checks.harness import (
    BERLIN, check, empty, equal, insert, items, matching, pages, raw, refused, timed, token, whole_day,
)


@check("an event comes back as it was put in")
def _():
    service = empty()
    made = insert(service, timed(
        description="Line\nline “two” \U0001F680", location="Here", colorId="3", transparency="transparent",
        visibility="private", attendees=[{"email": "ada@example.com"}, {"email": "bob@example.com", "optional": True}],
        reminders={"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]},
        extendedProperties={"private": {"a": "b"}}, source={"title": "t", "url": "https://example.com"}))
    equal(made["start"], {"dateTime": "2026-01-12T09:00:00+01:00", "timeZone": BERLIN})
    equal((made["status"], made["sequence"], made["eventType"]), ("confirmed", 0, "default"))
    equal((made["organizer"]["self"], made["creator"]["email"]), (True, "ada@example.com"))
    equal([a["responseStatus"] for a in made["attendees"]], ["accepted", "needsAction"])
    equal(made["iCalUID"], made["id"] + "@google.com")
    equal(service.events().get(calendarId="primary", eventId=made["id"]).execute(), made)
    equal(items(pages(service)), [made])
    back = {**made, "summary": "Two"}
    put = service.events().update(calendarId="primary", eventId=made["id"], body=back).execute()
    equal({k for k in made if made[k] != put[k]}, {"summary", "etag", "updated"})
    there = service.events().get(calendarId="primary", eventId=made["id"], timeZone="Asia/Kolkata").execute()
    equal(there["start"], {"dateTime": "2026-01-12T13:30:00+05:30", "timeZone": BERLIN})


@check("a patch changes what it has, an update all")
def _():
    service = empty()
    made = insert(service, timed(description="d", location="l"))
    patch = lambda **b: service.events().patch(calendarId="primary", eventId=made["id"], body=b)  # noqa: E731
    changed = patch(summary="Two", location=None).execute()
    equal((changed["summary"], changed["description"], "location" in changed, changed["sequence"]), ("Two", "d", False, 0))
    moved = patch(start={"dateTime": "2026-01-12T08:30:00+01:00"}).execute()
    equal((moved["start"]["timeZone"], moved["sequence"]), (BERLIN, 1))
    # Objects are laid over one another: a day does not replace a time that was not taken away.
    refused(patch(start={"date": "2026-01-12"}, end={"date": "2026-01-13"}), 400, "invalid")
    day = patch(start={"date": "2026-01-12", "dateTime": None, "timeZone": None},
                end={"date": "2026-01-13", "dateTime": None, "timeZone": None}).execute()
    equal((day["start"], day["end"]), ({"date": "2026-01-12"}, {"date": "2026-01-13"}))
    whole = service.events().update(calendarId="primary", eventId=made["id"], body=timed(summary="New")).execute()
    equal(("description" in whole, whole["summary"], whole["created"]), (False, "New", made["created"]))
    refused(service.events().update(calendarId="primary", eventId=made["id"], body={"summary": "x"}), 400, "required")


@check("ids of one's own")
def _():
    service = empty()
    made = insert(service, timed(id="abcdev0123456789"))
    equal(made["id"], "abcdev0123456789")
    refused(service.events().insert(calendarId="primary", body=timed(id=made["id"])), 409, "duplicate")
    service.events().delete(calendarId="primary", eventId=made["id"]).execute()
    refused(service.events().insert(calendarId="primary", body=timed(id=made["id"])), 409, "duplicate")
    for wrong in ("abcd", "a" * 1025, "wxyzwxyz", "ABCDE0", "abc-de", "abcdé1"):
        refused(service.events().insert(calendarId="primary", body=timed(id=wrong)), 400, "invalid")
    equal(len(insert(service, timed(id="a" * 1024))["id"]), 1024)


@check("times and rules that are none")
def _():
    service = empty()
    day, time_ = {"date": "2026-01-12"}, {"dateTime": "2026-01-12T09:00:00Z"}
    rule = {"recurrence": ["RRULE:FREQ=DAILY"]}
    later = {"dateTime": "2026-01-12T10:00:00Z"}
    for body, reason in [
        ({"end": time_}, "required"), ({"start": time_}, "required"), ({"start": {}, "end": time_}, "required"),
        ({"start": day, "end": time_}, "invalid"), ({"start": later, "end": time_}, "timeRangeEmpty"),
        ({"start": day, "end": day}, "timeRangeEmpty"), ({"start": {"date": "2026-02-30"}, "end": day}, "invalid"),
        ({"start": {"dateTime": "2026-01-12T09:00:00"}, "end": later}, "required"),
        ({"start": {**time_, "timeZone": "Mars/Base"}, "end": later}, "invalid"),
        ({"start": {**time_, "timeZone": "CEST"}, "end": later}, "invalid"),
        ({"start": {**day, **time_}, "end": later}, "invalid"),
        ({"start": time_, "end": later, **rule}, "required"),
        (timed(recurrence=["RRULE:FREQ=SOMETIMES"]), "invalid"), (timed(recurrence=["EXDATE:20260112"]), "invalid"),
        (timed(recurrence=["DTSTART:20260112T090000Z", "RRULE:FREQ=DAILY"]), "invalid"),
        (whole_day(recurrence=["RRULE:FREQ=HOURLY"]), "invalid"), (timed(status="maybe"), "invalid"),
        (timed(transparency="glass"), "invalid"), (timed(attendees=[{"email": "nobody"}]), "invalid"),
    ]:
        refused(service.events().insert(calendarId="primary", body=body), 400, reason)
    equal(insert(service, timed(hours=0))["summary"], "One")
    equal(insert(service, whole_day(recurrence=["RRULE:FREQ=DAILY"]))["start"], {"date": "2026-01-12"})


@check("a clock that skips, and one that repeats itself")
def _():
    service = empty()
    skipped = insert(service, {"start": {"dateTime": "2026-03-29T02:30:00", "timeZone": BERLIN},
                               "end": {"dateTime": "2026-03-29T04:00:00", "timeZone": BERLIN}})
    equal(skipped["start"]["dateTime"], "2026-03-29T03:30:00+02:00")
    twice = insert(service, {"start": {"dateTime": "2026-10-25T02:30:00", "timeZone": BERLIN},
                             "end": {"dateTime": "2026-10-25T04:00:00", "timeZone": BERLIN}})
    equal(twice["start"]["dateTime"], "2026-10-25T02:30:00+02:00")


@check("etags: If-Match, If-None-Match")
def _():
    service = empty()
    made = insert(service, timed())
    events, where = service.events(), {"calendarId": "primary", "eventId": made["id"]}
    equal(raw(f"/calendars/primary/events/{made['id']}", token(), headers={"If-None-Match": made["etag"]}).status_code, 304)
    changed = matching(events.patch(**where, body={"summary": "2"}), made["etag"]).execute()
    assert changed["etag"] != made["etag"]
    for call in (events.patch(**where, body={"summary": "3"}), events.update(**where, body=timed()), events.delete(**where)):
        refused(matching(call, made["etag"]), 412, "conditionNotMet")
    matching(events.patch(**where, body={"summary": "4"}), "*").execute()
    fresh = events.get(**where).execute()
    equal(fresh["summary"], "4")
    matching(events.delete(**where), fresh["etag"]).execute()
    listed = raw("/calendars/primary/events", token())
    equal(raw("/calendars/primary/events", token(), headers={"If-None-Match": listed.headers["etag"]}).status_code, 304)


@check("a deletion is one, once")
def _():
    service = empty()
    made = insert(service, timed())
    where = {"calendarId": "primary", "eventId": made["id"]}
    service.events().delete(**where, sendUpdates="all").execute()
    refused(service.events().delete(**where), 410, "deleted")
    equal(service.events().get(**where).execute()["status"], "cancelled")
    refused(service.events().delete(calendarId="primary", eventId="nothere"), 404, "notFound")
    refused(service.events().get(calendarId="primary", eventId="nothere"), 404, "notFound")
    equal(items(pages(service)), [])
    equal([e["status"] for e in items(pages(service, showDeleted=True))], ["cancelled"])
    back = service.events().patch(**where, body={"status": "confirmed"}).execute()
    equal((back["status"], len(items(pages(service)))), ("confirmed", 1))


@check("video calls")
def _():
    service = empty()
    ask_for = {"createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
    equal("conferenceData" in insert(service, timed(conferenceData=ask_for)), False)
    made = insert(service, timed(conferenceData=ask_for), conferenceDataVersion=1)
    assert made["hangoutLink"].startswith("https://meet.google.com/"), made
    kept = service.events().patch(calendarId="primary", eventId=made["id"], body={"summary": "x"}).execute()
    equal(kept["conferenceData"], made["conferenceData"])


@check("what the document does not have is refused")
def _():
    empty()
    key = token()
    for path in ("/calendars/primary/events?singleEvent=true", "/users/me/calendarList?max=1",
                 "/calendars/primary/events?access_token=x"):
        equal(raw(path, key).status_code, 400)
    for query in ("maxResults=0", "maxResults=many", "singleEvents=1", "orderBy=start", "timeMin=2026-01-01",
                  "timeZone=Nowhere", "showDeleted=true&showDeleted=true", "timeMin=2026-01-01T00:00:00",
                  "timeMin=2026-01-02T00:00:00Z&timeMax=2026-01-01T00:00:00Z", "orderBy=startTime", "pageToken=x",
                  "syncToken=x", "eventTypes=party"):
        response = raw(f"/calendars/primary/events?{query}", key)
        equal((query, response.status_code), (query, 400))
        schema.ERRORS.validate(response.json())
    post = lambda **more: raw("/calendars/primary/events", key, "POST", **more).json()["error"]  # noqa: E731
    equal(post(json=timed(title="x"))["errors"][0]["reason"], "badRequest")
    equal(post(json=timed(start={"datetime": "x"}))["errors"][0]["reason"], "badRequest")
    equal(post(data="{", headers={"Content-Type": "application/json"})["errors"][0]["reason"], "parseError")
    equal(post(data=json.dumps(timed()))["code"], 400)
    old = (datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=40)).strftime("%Y-%m-%dT%H:%M:%SZ")
    equal(raw(f"/calendars/primary/events?updatedMin={old}", key).json()["error"]["errors"][0]["reason"],
          "updatedMinTooLongAgo")


SIMULATED = {
    "calendarList.list", "calendarList.get", "calendars.get", "events.list", "events.get", "events.insert",
    "events.update", "events.patch", "events.delete", "events.instances", "events.watch", "channels.stop",
    "freebusy.query",
}


@check("the tables of parameters are the document's")
def _():
    # By asking for each parameter of the document with each method: none may be unknown, whatever else is wrong.
    empty()
    key = token()
    for verb, _, method in schema.METHODS:
        name = method["id"].removeprefix("calendar.")
        if name not in SIMULATED:
            continue
        path = "/" + method["path"].replace("{calendarId}", "primary").replace("{eventId}", "nothere")
        for parameter in sorted(schema.PARAMETERS[name]):
            response = raw(path, key, verb, params={parameter: "?"}, json={} if verb != "GET" else None)
            assert "Unknown name" not in response.text, f"{name} does not know {parameter}"
        assert "Unknown name" in raw(path, key, verb, params={"bogus": "1"}, json={} if verb != "GET" else None).text
