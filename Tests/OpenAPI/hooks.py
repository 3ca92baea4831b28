"""What the OpenAPI document cannot say, for schemathesis.

Values that are valid only by rules no schema has: a time zone that exists, a cron expression that ever fires, a moment
at most 366 days from now, a password nobody can guess, a name that can be seen, an Idempotency-Key that no other request
had. And what would end the run's own session, which is done with another one.
"""

import datetime
import os
import re
import uuid

import requests
import schemathesis
from hypothesis import strategies as st

BASE = os.environ["ERRAND_URL"]
ADDRESS = os.environ["ERRAND_ADDRESS"]
PASSWORD = os.environ["ERRAND_PASSWORD"]
USER = os.environ["ERRAND_USER"]
UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

RANGES = {"minute": (0, 59), "hour": (0, 23), "day": (1, 28), "month": (1, 12), "weekday": (0, 7)}
ZONES = ["UTC", "Etc/UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]
MACROS = ["@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually", "0 8 * * mon-fri"]


def column(low: int, high: int) -> st.SearchStrategy[str]:
    """One field of a cron expression."""
    value = st.integers(low, high)
    return st.one_of(
        st.just("*"),
        value.map(str),
        st.tuples(value, value).map(lambda pair: f"{min(pair)}-{max(pair)}"),
        st.integers(1, high).map(lambda step: f"*/{step}"),
        st.lists(value, min_size=1, max_size=4, unique=True).map(lambda values: ",".join(map(str, values))),
    )


def moment(seconds: int) -> str:
    """So many seconds from now, to the second."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    return (now + datetime.timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


# Letters, digits and signs, less those that show nothing.
words = st.text(
    st.characters(categories=("L", "N", "P", "S"), exclude_characters="\u115f\u1160\u2800\u3164\uffa0"),
    min_size=1, max_size=40)
columns = st.tuples(*(column(*bounds) for bounds in RANGES.values())).map(" ".join)
FORMATS = {
    "cron": st.one_of(columns, st.sampled_from(MACROS)),
    "time-zone": st.sampled_from(ZONES),
    "date-time": st.integers(-400 * 86_400, 360 * 86_400).map(moment),
    # Schemathesis makes no header value with a hyphen in it by itself.
    "event-id": st.tuples(*[st.integers(0, 999_999_999)] * 2).map(lambda pair: "%d-%d" % pair),
    "email": st.uuids().map(lambda name: f"{name.hex}@example.org"),
    "name": words,
    "line": words,
    "password": st.uuids().map(lambda name: f"Lantern {name.hex} harbour"),
}
for name, strategy in FORMATS.items():
    schemathesis.openapi.format(name, strategy)


def isday(text: object) -> bool:
    try:
        datetime.date.fromisoformat(str(text))
    except ValueError:
        return False
    return True


def token() -> str:
    """A session that may be ended."""
    form = {"username": ADDRESS, "password": PASSWORD}
    return requests.post(f"{BASE}/api/v1/auth/jwt/login", data=form, timeout=20).json()["access_token"]


@schemathesis.hook
def before_call(context, case, kwargs):
    """Puts right what only this run can know; what is meant to be wrong stays so."""
    headers, query = case.headers or {}, case.query or {}
    operation = case.operation.definition.raw.get("operationId")
    key = headers.get("Idempotency-Key")
    if key and re.fullmatch('"[!#-~]{1,255}"|[!#-~]{1,255}', key):
        headers["Idempotency-Key"] = f'"{uuid.uuid4()}"' if key.startswith('"') else str(uuid.uuid4())
    # Whatever is asked for is in one's own workspace, and unchanged since.
    if UUID.fullmatch(str(headers.get("X-Company-Id"))):
        del headers["X-Company-Id"]
    if "If-Match" in headers:
        headers["If-Match"] = "*"
    wait = query.get("wait")
    if isinstance(wait, int) and not isinstance(wait, bool) and 1 < wait <= 60:
        query["wait"] = 1
    # From one to the other it is a year at most.
    if operation in ("list_events", "get_free_busy") and all(isday(query.get(name)) for name in ("from", "to")):
        query["from"], query["to"] = "2026-01-01", "2026-12-31"
    if isinstance(case.body, dict):
        if UUID.fullmatch(str(case.body.get("owner_id"))):
            case.body["owner_id"] = USER
        # A second account cannot have the same one.
        if operation == "register_user" and str(case.body.get("email")).endswith("@example.org"):
            case.body["email"] = f"{uuid.uuid4().hex}@example.org"
    if operation in ("logout", "end_session"):
        if headers.get("Authorization") == f"Bearer {os.environ['ERRAND_KEY']}":
            headers["Authorization"] = f"Bearer {token()}"
