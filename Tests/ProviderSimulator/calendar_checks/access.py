"""Who may see and do what: lists of calendars, scopes, tokens."""

import json

import requests
from jsonschema import ValidationError

from calendar_checks import schema
from calendar_checks.harness import (
    API, BASE, check, control, empty, equal, google, insert, raises, raw, refused, timed,
)


@check("the list of calendars, in pages and incrementally")
def _():
    control("populate", accounts=["ada"], calendars=7, events=0)
    service = google()
    request, ids, answers = service.calendarList().list(maxResults=3), [], []
    while request is not None:
        answers.append(request.execute())
        ids += [entry["id"] for entry in answers[-1]["items"]]
        request = service.calendarList().list_next(request, answers[-1])
    equal((len(answers), len(set(ids)), "ada@example.com" in ids), (3, 7, True))
    equal(["nextSyncToken" in answer for answer in answers], [False, False, True])
    base = answers[-1]["nextSyncToken"]
    equal(service.calendarList().list(maxResults=3, syncToken=base).execute()["items"], [])
    gone = next(i for i in ids if i != "ada@example.com")
    control("unshare", account="ada", calendar=gone)
    new = control("calendars", account="ada", title="Choir", role="reader")["id"]
    changed = service.calendarList().list(maxResults=3, syncToken=base).execute()["items"]
    equal({e["id"]: e.get("deleted", False) for e in changed}, {gone: True, new: False})
    refused(service.calendarList().list(syncToken=base, minAccessRole="owner"), 400, "badRequest")
    refused(service.calendarList().list(syncToken=base, maxResults=3, showHidden=False), 400, "badRequest")
    refused(service.calendarList().list(syncToken=base, maxResults=4), 400, "invalid")
    control("expire", account="ada", list=True)
    refused(service.calendarList().list(maxResults=3, syncToken=base), 410, "fullSyncRequired")
    equal({e["id"] for e in service.calendarList().list(showDeleted=True).execute()["items"]}, {*ids, new})
    equal({e["accessRole"] for e in service.calendarList().list(minAccessRole="writer").execute()["items"]}, {"owner"})


@check("a calendar by its id, encoded, and by primary")
def _():
    service = empty()
    strange = "en.german#holiday@group.v.calendar.google.com"
    control("calendars", account="ada", id=strange, title="Holidays in Germany", role="reader", time_zone="UTC")
    equal(service.calendars().get(calendarId=strange).execute()["timeZone"], "UTC")
    equal(service.calendarList().get(calendarId=strange).execute()["accessRole"], "reader")
    equal(service.events().list(calendarId=strange).execute()["accessRole"], "reader")
    equal(service.calendarList().get(calendarId="primary").execute()["id"], "ada@example.com")
    equal(service.calendars().get(calendarId="primary").execute()["id"], "ada@example.com")
    refused(service.calendars().get(calendarId="grace@example.com"), 404, "notFound")
    refused(service.events().insert(calendarId=strange, body=timed()), 403, "requiredAccessLevel")
    control("share", account="ada", calendar=strange, role="freeBusyReader")
    refused(service.events().list(calendarId=strange), 403, "forbidden")
    control("unshare", account="ada", calendar=strange)
    refused(service.events().list(calendarId=strange), 404, "notFound")


@check("scopes, by method")
def _():
    empty()
    reading = google(scopes=["calendar.events.readonly"])
    reading.events().list(calendarId="primary").execute()
    error = refused(reading.events().insert(calendarId="primary", body=timed()), 403, "insufficientPermissions")
    equal((error["status"], error["details"][0]["reason"]), ("PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"))
    refused(reading.calendarList().list(), 403, "insufficientPermissions")
    insert(google(scopes=["calendar.events"]), timed())
    listing = google(scopes=["calendar.calendarlist.readonly"])
    listing.calendarList().list().execute()
    refused(listing.events().list(calendarId="primary"), 403, "insufficientPermissions")
    google(scopes=["calendar.readonly"]).calendarList().list().execute()
    refused(google(scopes=["gmail.readonly"]).events().list(calendarId="primary"), 403, "insufficientPermissions")


@check("no token, a wrong one and one that ended")
def _():
    service = empty()
    response = requests.get(API + "/calendars/primary/events")
    equal((response.status_code, response.json()["error"]["errors"][0]["reason"]), (401, "required"))
    equal(raw("/calendars/primary/events", "x").json()["error"]["errors"][0]["reason"], "authError")
    requests.post(BASE + "/_simulator/oauth/expire", json={"kind": "access", "account": "ada"})
    # The client would renew its token, had it anything to renew it with.
    equal(raw("/calendars/primary/events", "x").status_code, 401)
    request = service.events().list(calendarId="primary")
    response, content = service.watched.request(
        request.uri, headers={"authorization": f"Bearer {service._http.credentials.token}"})
    equal((response.status, json.loads(content)["error"]["errors"][0]["reason"]), (401, "authError"))


@check("the judge sees what the document does not have")
def _():
    service = empty()
    made = service.events().insert(calendarId="primary", body=timed()).execute()
    schema.ANSWERS["Event"].validate(made)
    for wrong in ({**made, "title": "x"}, {**made, "sequence": "0"}, {**made, "start": {"datetime": "x"}},
                  {**made, "updated": "yesterday"}):
        raises(ValidationError, lambda wrong=wrong: schema.ANSWERS["Event"].validate(wrong))
    for wrong in ({"error": {"code": 400, "message": "m"}}, {"error": "invalid_grant"}):
        raises(ValidationError, lambda wrong=wrong: schema.ERRORS.validate(wrong))
    raises(AssertionError, lambda: service.watched.request(f"{API}/calendars/primary/events?bogus=1"))
    raises(AssertionError, lambda: service.watched.request(f"{API}/colours"))
