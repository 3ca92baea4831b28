"""Pages and sync tokens, and a mirror that follows them."""

import random

from calendar_checks.harness import (
    ask, base_token, BERLIN, check, control, empty, equal, google, insert, items, pages, refused, sync, timed,
)
from calendar_checks.mirror import Mirror


@check("pages, and tokens that hold to their parameters")
def _():
    control("populate", accounts=["ada"], events=57)
    service = google()
    answers = pages(service, maxResults=10)
    ids = [e["id"] for e in items(answers)]
    equal((len(ids), len(set(ids))), (len(ids), len(ids)))
    equal(set(ids), set(ask("truth", account="ada", calendar="primary")["events"]))
    equal(["nextSyncToken" in a for a in answers], [False] * (len(answers) - 1) + [True])
    first, base = answers[0]["nextPageToken"], answers[-1]["nextSyncToken"]
    listing = lambda **query: service.events().list(calendarId="primary", **query)  # noqa: E731
    for wrong in ({"maxResults": 11}, {"maxResults": 10, "showDeleted": True}, {"maxResults": 10, "singleEvents": True},
                  {"maxResults": 10, "timeMin": "2026-01-01T00:00:00Z"}, {"maxResults": 10, "q": "x"}):
        refused(listing(pageToken=first, **wrong), 400, "invalid")
    for wrong in ("timeMin", "timeMax", "updatedMin"):
        refused(listing(syncToken=base, maxResults=10, **{wrong: "2026-11-30T00:00:00Z"}), 400, "badRequest")
    for wrong in ({"orderBy": "updated"}, {"q": "x"}, {"iCalUID": "x"}, {"showDeleted": False}):
        refused(listing(syncToken=base, maxResults=10, **wrong), 400, "badRequest")
    for wrong in ({}, {"maxResults": 9}, {"maxResults": 10, "singleEvents": True}, {"maxResults": 10, "timeZone": "UTC"}):
        refused(listing(syncToken=base, **wrong), 400, "invalid")
    refused(listing(syncToken=first, maxResults=10), 400, "invalid")
    refused(listing(pageToken=base, maxResults=10), 400, "invalid")
    equal(listing(syncToken=base, maxResults=10).execute()["items"], [])
    control("mutate", account="ada", count=60, seed=5)
    page = listing(syncToken=base, maxResults=10).execute()["nextPageToken"]
    refused(listing(pageToken=page, maxResults=10), 400, "invalid")
    assert listing(syncToken=base, pageToken=page, maxResults=10).execute()["items"]
    grace = google("grace")
    refused(grace.events().list(calendarId="primary", syncToken=base, maxResults=10), 400, "invalid")


@check("parts of answers")
def _():
    control("populate", accounts=["ada"], events=3)
    service = google()
    whole = service.events().list(calendarId="primary").execute()
    listing = lambda fields: service.events().list(calendarId="primary", fields=fields)  # noqa: E731
    part = listing("nextSyncToken,items(id,start/dateTime,end(timeZone))").execute()
    equal(part.keys(), {"nextSyncToken", "items"})
    equal(part["items"][0], {
        "id": whole["items"][0]["id"],
        **{k: {n: v for n, v in whole["items"][0][k].items() if n == m} for k, m in
           (("start", "dateTime"), ("end", "timeZone"))}})
    equal(listing("items/id,kind").execute()["items"], [{"id": e["id"]} for e in whole["items"]])
    equal(listing("*").execute()["items"], whole["items"])
    equal(listing("items(start/date,start/timeZone),items/end").execute()["items"][0].keys() - {"start"}, {"end"})
    made = service.events().insert(calendarId="primary", body=timed(), fields="id,etag").execute()
    equal(made.keys(), {"id", "etag"})
    equal(service.calendarList().list(fields="items(id,primary)").execute(),
          {"items": [{"id": "ada@example.com", "primary": True}]})
    for wrong in ("item", "items(id", "items(id))", "items(title)", "items/start/zone", "", ",", "items(id,)", "kind/x"):
        refused(listing(wrong), 400, "invalidParameter")
    # A token holds whatever part of the answer it came in.
    base = part["nextSyncToken"]
    equal(service.events().list(calendarId="primary", syncToken=base, fields="items(id)").execute(),
          {"items": [{"id": made["id"]}]})


@check("tokens that are over")
def _():
    service = empty()
    base = base_token(service)
    control("expire", account="ada", calendar="primary")
    error = refused(service.events().list(calendarId="primary", syncToken=base), 410, "fullSyncRequired")
    equal(error["errors"][0], {
        "domain": "calendar", "reason": "fullSyncRequired", "locationType": "parameter", "location": "syncToken",
        "message": "Sync token is no longer valid, a full sync is required."})
    base = base_token(service)
    equal(items(sync(service, base)), [])
    control("settings", sync_token_seconds=0)
    refused(service.events().list(calendarId="primary", syncToken=base), 410, "fullSyncRequired")
    control("settings", sync_token_seconds=None)
    equal(items(sync(service, base)), [])


@check("what changes between two pages is in the next list")
def _():
    control("populate", accounts=["ada"], events=30)
    service = google()
    listing = lambda **query: service.events().list(calendarId="primary", maxResults=10, **query)  # noqa: E731
    one = listing().execute()
    changed, removed = one["items"][0]["id"], next(e["id"] for e in one["items"][1:] if "recurringEventId" not in e)
    service.events().patch(calendarId="primary", eventId=changed, body={"summary": "Between"}).execute()
    service.events().delete(calendarId="primary", eventId=removed).execute()
    made = insert(service, timed())
    answer = one
    while "nextPageToken" in answer:
        answer = listing(pageToken=answer["nextPageToken"]).execute()
    found = {e["id"]: e["status"] for e in items(pages(service, maxResults=10, syncToken=answer["nextSyncToken"]))}
    equal({i: found.get(i) for i in (changed, removed, made["id"])},
          {changed: "confirmed", removed: "cancelled", made["id"]: "confirmed"})


@check("short pages and empty ones")
def _():
    control("populate", accounts=["ada"], events=40)
    service = google()
    control("pages", account="ada", cap=7, random=True, empty=0.4, seed=3)
    answers = pages(service)
    assert any(not a["items"] and "nextPageToken" in a for a in answers), "no empty page"
    equal(max(len(a["items"]) for a in answers) <= 7, True)
    equal({e["id"] for e in items(answers)}, set(ask("truth", account="ada", calendar="primary")["events"]))


for seed in range(1, 7):

    @check(f"a mirror arrives at the truth, seed {seed}")
    def _():
        luck = random.Random(seed)
        control("populate", accounts=["ada"], events=luck.choice((0, 8, 60)), seed=seed,
                time_zone=luck.choice((BERLIN, "America/New_York", "UTC")))
        mirror = Mirror(google(), maxResults=luck.choice((2500, 20, 5)))
        control("pages", cap=luck.choice((4, 50)), random=True, empty=0.2, seed=seed)
        for round_ in range(12):
            if round_ % 5 == 4:
                control("expire", account="ada")
            control("mutate", account="ada", count=luck.randint(0, 40), seed=seed * 100 + round_)
            mirror.run()
            truth = ask("truth", account="ada", calendar="primary")["events"]
            equal(mirror.events.keys() ^ truth.keys(), set())
            equal(mirror.events, truth)
        assert mirror.full_runs == 3, mirror.full_runs
