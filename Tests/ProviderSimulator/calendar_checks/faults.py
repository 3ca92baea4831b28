"""Quotas, and faults on demand."""

import threading
import time

import requests

from calendar_checks.harness import (
    ask, base_token, check, CONTROL, control, empty, equal, google, items, pages, raises, raw, refused,
    second_client, timed, token,
)


@check("quotas: per user and per project, in an exact window")
def _():
    ada, grace = empty(), google("grace")
    control("quotas", project=8, user=5, window_seconds=1)
    listing = lambda s: s.events().list(calendarId="primary")  # noqa: E731
    began = time.monotonic()
    for _ in range(5):
        listing(ada).execute()
    refused(listing(ada), 403, "userRateLimitExceeded")
    for _ in range(3):
        listing(grace).execute()
    error = refused(listing(grace), 403, "rateLimitExceeded")
    equal(error["errors"][0]["domain"], "usageLimits")
    assert time.monotonic() - began < 1, "this machine is too slow for the check"
    equal(ask("quotas")["refused"], {"project": 1, "user": 1})
    time.sleep(1.05)
    listing(ada).execute()
    control("quotas", user=0, status=429)
    refused(listing(ada), 429, "rateLimitExceeded")
    other = google(client=second_client())
    control("quotas", user=None, project=1, status=403, window_seconds=60)
    listing(ada).execute()
    listing(other).execute()
    refused(listing(ada), 403, "rateLimitExceeded")


@check("errors on demand")
def _():
    service = empty()
    listing = service.events().list(calendarId="primary")
    control("faults", kind="status:503", account="grace")
    for kind, status, reason in [
        ("status:500", 500, "backendError"), ("status:403:domainPolicy", 403, "domainPolicy"),
        ("rate_limited", 403, "rateLimitExceeded"), ("user_rate_limited", 403, "userRateLimitExceeded"),
        ("rate_limited_429", 429, "rateLimitExceeded"), ("quota_exceeded", 403, "quotaExceeded"),
        ("full_sync_required", 410, "fullSyncRequired"), ("not_found", 404, "notFound"),
        ("forbidden", 403, "forbidden"), ("access_not_configured", 403, "accessNotConfigured"),
        ("not_a_calendar_user", 403, "notACalendarUser"), ("unavailable", 503, "backendError"),
    ]:
        control("faults", kind=kind, account="ada", calendar="primary", method="events.list", times=1, retry_after="7")
        refused(listing, status, reason)
        listing.execute()
    control("faults", kind="html:502", method="events.list", times=1)
    equal(raw("/calendars/primary/events", token()).headers["content-type"], "text/html")
    base = base_token(service)
    control("faults", kind="full_sync_required", sync_token=True, times=1)
    equal(items(pages(service)), [])
    refused(service.events().list(calendarId="primary", syncToken=base), 410, "fullSyncRequired")
    control("faults", kind="status:500", account="ada", probability=0.5, seed=1)
    answers = [raw("/calendars/primary/events", token()).status_code for _ in range(40)]
    assert 8 < answers.count(500) < 32, answers


@check("cut before and after the deed, half an answer")
def _():
    empty()
    key = token()
    post = lambda id_: raw("/calendars/primary/events", key, "POST", json=timed(id=id_))  # noqa: E731
    held = lambda: ask("truth", account="ada", calendar="primary")["events"].keys()  # noqa: E731
    control("faults", kind="cut_before", method="events.insert", times=1)
    raises(requests.ConnectionError, lambda: post("aaaaa1"))
    equal("aaaaa1" in held(), False)
    control("faults", kind="cut_after", method="events.insert", times=1)
    raises(requests.ConnectionError, lambda: post("aaaaa2"))
    equal("aaaaa2" in held(), True)
    equal(post("aaaaa2").status_code, 409)
    control("faults", kind="malformed", times=1)
    raises(ValueError, raw("/calendars/primary/events", key).json)
    equal([c["outcome"] for c in ask("calls", account="ada")["calls"]], ["cut", "cut", "duplicate", "malformed"])


@check("held before and after the deed")
def _():
    empty()
    key = token()
    for kind, is_done in (("pause", False), ("pause_after", True)):
        control("faults", kind=kind, times=1)
        answers, id_ = [], "held" + kind.replace("_", "").replace("pause", "0").replace("after", "1")
        thread = threading.Thread(
            target=lambda: answers.append(raw("/calendars/primary/events", key, "POST", json=timed(id=id_))))
        thread.start()
        (held,) = ask("calls", paused="true", wait=10)["calls"]
        equal((held["method"], held["account"]), ("events.insert", "ada"))
        equal(id_ in ask("truth", account="ada", calendar="primary")["events"], is_done)
        equal(answers, [])
        requests.post(f"{CONTROL}/resume")
        thread.join(10)
        equal(answers[0].status_code, 200)
