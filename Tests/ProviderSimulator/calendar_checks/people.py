"""Free and busy times, many accounts, and the page that people see."""

import datetime
import time

import requests

from calendar_checks import schema
from calendar_checks.harness import (
    ask, BASE, base_token, BERLIN, check, CONTROL, control, empty, equal, google, insert, items, pages, refused,
    timed,
)
from calendar_checks.mirror import Mirror


@check("free and busy")
def _():
    service = empty()
    insert(service, timed())
    insert(service, timed(hour=9, hours=2))
    insert(service, timed(hour=14, transparency="transparent"))
    made = insert(service, timed(day="2026-01-10", hour=20, recurrence=["RRULE:FREQ=DAILY"]))
    service.events().delete(calendarId="primary", eventId=f"{made['id']}_20260113T190000Z").execute()
    answer = service.freebusy().query(body={
        "timeMin": "2026-01-12T00:00:00Z", "timeMax": "2026-01-14T00:00:00Z", "timeZone": BERLIN,
        "items": [{"id": "primary"}, {"id": "nobody@example.com"}]}).execute()
    equal(answer["calendars"]["ada@example.com"]["busy"], [
        {"start": "2026-01-12T09:00:00+01:00", "end": "2026-01-12T11:00:00+01:00"},
        {"start": "2026-01-12T20:00:00+01:00", "end": "2026-01-12T21:00:00+01:00"}])
    equal(answer["calendars"]["nobody@example.com"]["errors"], [{"domain": "global", "reason": "notFound"}])


@check("ten thousand accounts in seconds, and every call is counted")
def _():
    began = time.monotonic()
    control("populate", prefix="p", count=10_000, calendars=2, events=10, seed=4)
    assert time.monotonic() - began < 10, time.monotonic() - began
    service = google("p9999")
    assert len(items(pages(service, maxResults=2500))) >= 10
    counts = ask("counts", account="p9999")
    equal(counts["accounts"], {"p9999": {"events.list": 1}})
    equal(counts["methods"]["events.list"]["ok"], 1)


@check("the first people's calendars look like people's")
def _():
    service = google("ada")
    titles = {entry["summary"] for entry in service.calendarList().list().execute()["items"]}
    assert {"Family", "Holidays in Germany"} <= titles, titles
    now = datetime.datetime.now(datetime.UTC)
    window = {"timeMin": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
              "timeMax": (now + datetime.timedelta(days=28)).strftime("%Y-%m-%dT%H:%M:%SZ")}
    found = items(pages(service, singleEvents=True, orderBy="startTime", **window))
    assert len(found) > 20, len(found)
    stored = items(pages(service))
    assert any(e["status"] == "cancelled" for e in stored) and any("recurrence" in e for e in stored)
    zones = {e["start"]["timeZone"] for e in found if "dateTime" in e["start"]}
    assert len(zones) > 1, zones


@check("people see and change calendars on a page")
def _():
    page = requests.get(f"{CONTROL}/?account=ada")
    equal((page.status_code, page.headers["content-type"]), (200, "text/html; charset=utf-8"))
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "<script" not in page.text, policy
    form = {"action": "add", "account": "ada", "calendar": "ada@example.com", "title": "Tea <& \"cake\"",
            "day": (datetime.date.today() + datetime.timedelta(days=2)).isoformat(), "start": "16:00",
            "minutes": "45", "weekly": "on"}
    answer = requests.post(f"{CONTROL}/page", data=form, allow_redirects=False)
    equal(answer.status_code, 303)
    shown = requests.get(BASE + answer.headers["location"])
    assert "Tea &lt;&amp; &quot;cake&quot;" in shown.text
    service = google()
    find = lambda: [e for e in items(pages(service)) if e.get("summary", "").startswith("Tea ")]  # noqa: E731
    (made,) = find()
    equal(made["recurrence"], ["RRULE:FREQ=WEEKLY"])
    base = base_token(service)
    where = {"account": "ada", "calendar": "ada@example.com", "event": made["id"]}
    requests.post(f"{CONTROL}/page", data={**where, "action": "hour"})
    equal(find()[0]["start"]["dateTime"][11:16], "17:00")
    requests.post(f"{CONTROL}/page", data={**where, "action": "day"})
    equal(find()[0]["start"]["dateTime"][:10], (datetime.date.today() + datetime.timedelta(days=3)).isoformat())
    requests.post(f"{CONTROL}/page", data={**where, "action": "delete"})
    equal(find(), [])
    requests.post(f"{CONTROL}/page", data={**where, "action": "expire"})
    refused(service.events().list(calendarId="primary", syncToken=base), 410, "fullSyncRequired")


@check("every parameter that was asked for is documented")
def _():
    service = empty()
    Mirror(service, maxResults=5).run()
    for call in ask("calls")["calls"]:
        unknown = set(call["parameters"]) - schema.PARAMETERS[call["method"]]
        assert not unknown, f"{call['method']} with {unknown}"
