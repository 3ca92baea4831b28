"""What the checks of the simulated Google Calendar share: the official client, the controls, and events to put in."""

import datetime
import json
import sys

import requests
from googleapiclient.errors import HttpError

from calendar_checks import schema

BASE = sys.argv[1].rstrip("/")
CONTROL = BASE + "/_simulator/calendar"
API = BASE + "/google/calendar/v3"
CLIENT = "calendar-check"
SCOPE = "https://www.googleapis.com/auth/"
BERLIN = "Europe/Berlin"
failed = []
passed = []
watchers = []


def check(name):
    def run(body):
        requests.delete(CONTROL)
        requests.delete(BASE + "/_simulator/oauth")
        requests.post(BASE + "/_simulator/oauth/clients", json={
            "provider": "google", "client_id": CLIENT, "client_secret": "s", "redirect_uris": []})
        try:
            body()
            passed.append(name)
        except Exception as error:  # every check reports for itself
            failed.append(name)
            print(f"FAILED {name}: {type(error).__name__}: {error}")
        return body

    return run


def control(path, **body):
    response = requests.post(f"{CONTROL}/{path}", json=body, timeout=70)
    assert response.ok, response.text
    return response.json() if response.content else None


def ask(path, **query):
    response = requests.get(f"{CONTROL}/{path}", params=query, timeout=70)
    assert response.ok, response.text
    return response.json()


def token(account="ada", scopes=("calendar",), client=CLIENT):
    response = requests.post(BASE + "/_simulator/oauth/grants", json={
        "provider": "google", "client_id": client, "account": account, "scopes": [SCOPE + s for s in scopes]})
    assert response.ok, response.text
    return response.json()["grants"][0]["access_token"]


def google(account="ada", scopes=("calendar",), **more):
    service = schema.client(BASE, token(account, scopes, **more))
    watchers.append(service.watched)
    return service


def empty(account="ada"):
    control("populate", accounts=[account], events=0)
    return google(account)


def equal(found, wanted):
    assert found == wanted, f"{found!r} instead of {wanted!r}"


def refused(call, status, reason):
    """Runs a request of the client that must fail; the error's object."""
    try:
        answer = call.execute(num_retries=0) if hasattr(call, "execute") else call()
    except HttpError as error:
        found = json.loads(error.content)["error"]
        equal((error.resp.status, found["errors"][0]["reason"]), (status, reason))
        return found
    raise AssertionError(f"no {reason} but {answer}")


def raises(kind, call):
    try:
        call()
    except kind:
        return
    raise AssertionError(f"no {kind}")


def second_client():
    requests.post(BASE + "/_simulator/oauth/clients", json={
        "provider": "google", "client_id": "second", "client_secret": "s", "redirect_uris": []})
    return "second"


def matching(request, etag, header="If-Match"):
    request.headers[header] = etag
    return request


def timed(day="2026-01-12", hour=9, hours=1, zone=BERLIN, **more):
    start = datetime.datetime.fromisoformat(f"{day}T{hour:02}:00:00")
    end = start + datetime.timedelta(hours=hours)
    return {"start": {"dateTime": start.isoformat(), "timeZone": zone},
            "end": {"dateTime": end.isoformat(), "timeZone": zone}, "summary": "One", **more}


def whole_day(first="2026-01-12", last="2026-01-13", **more):
    return {"start": {"date": first}, "end": {"date": last}, "summary": "Day", **more}


def series(**more):
    return timed(recurrence=["RRULE:FREQ=DAILY;COUNT=10"], **more)


def insert(service, body, **more):
    return service.events().insert(calendarId="primary", body=body, **more).execute()


def pages(service, **query):
    """All answers of a list, in the order of its pages."""
    found, request = [], service.events().list(calendarId="primary", **query)
    while request is not None:
        found.append(request.execute())
        request = service.events().list_next(request, found[-1])
    return found


def items(answers):
    return [item for answer in answers for item in answer["items"]]


def sync(service, base, **query):
    return pages(service, syncToken=base, **query)


def base_token(service, **query):
    return pages(service, **query)[-1]["nextSyncToken"]


def raw(path, access_token, method="GET", headers=None, **more):
    return requests.request(
        method, API + path, headers={"Authorization": f"Bearer {access_token}", **(headers or {})}, timeout=60, **more)
