"""Calendars of many accounts read under Google's quotas, by the simulated Google that counts as strictly as the real one:
first all of them to their end, then one change in each. Then one calendar that is nearly as large as they may be, and a
sweep over many connections that are due."""

import contextlib
import json
import os
import pathlib
import re
import time
import urllib.request

from machine import QUICK, STATE, Wrong, axis, process, run, sql, wait_for
from usage import cpu_seconds, peak_megabytes

ACCOUNTS = 500 if QUICK else 10_000
EVENTS = 20
LARGE = 5_000 if QUICK else 90_000
SWEPT = 10_000 if QUICK else 100_000
TENANT = "11111111-1111-4111-8111-111111111111"
MASTER_KEYS = "k1:" + "A" * 43 + "="
#: Requests a minute, https://developers.google.com/workspace/calendar/api/guides/quota
PROJECT, USER = 10_000, 600
SCOPES = ["calendar.events", "calendar.calendarlist.readonly"]


def tenant(place: int) -> str:
    """A workspace for each hundred accounts, which is what one may hold."""
    return f"11111111-1111-4111-8111-{place // 100:012d}"


def ask(url: str, body: dict | None = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=300) as answer:
        text = answer.read()
    return json.loads(text) if text else {}


@contextlib.contextmanager
def google():
    """The simulated Google, for the time of a block: its origin."""
    program = os.environ["BENCH_WORKER"].removesuffix("worker") + "ProviderSimulator"
    log = STATE / "logs" / "google.log"
    with process("google", [program, "--port", "0"], {}):
        said = re.compile(r"listening on .*:(\d+)")
        wait_for("the simulated Google", 30, lambda: log.exists() and said.search(log.read_text()))
        yield f"http://127.0.0.1:{said.search(log.read_text()).group(1)}"


def settings(origin: str) -> dict[str, str]:
    polled = {f"CALENDAR_{name}POLL_SECONDS": "86400" for name in ("", "WATCHED_", "LIST_")}
    return polled | {
        "DATABASE_URL": os.environ["BENCH_WORKER_DATABASE_URL"], "MASTER_KEYS": MASTER_KEYS,
        "GOOGLE_CLIENT_ID": "bench", "GOOGLE_CLIENT_SECRET": "secret", "GOOGLE_BASE_URL": f"{origin}/google",
        "GOOGLE_CALENDAR_QUOTA_PROJECT": str(PROJECT), "GOOGLE_CALENDAR_QUOTA_USER": str(USER),
        "PUBLIC_URL": "http://127.0.0.1:1",
    }


def connect(origin: str, prefix: str, count: int, events: int) -> None:
    """Accounts with a calendar each, and connections to them."""
    ask(
        f"{origin}/_simulator/oauth/clients",
        {"provider": "google", "client_id": "bench", "client_secret": "secret", "redirect_uris": ["https://x.test/cb"]},
    )
    names = [f"{prefix}{number}" for number in range(1, count + 1)]
    ask(
        f"{origin}/_simulator/calendar/populate",
        {"prefix": prefix, "count": count, "calendars": 1, "events": events, "seed": 1},
    )
    scopes = [f"https://www.googleapis.com/auth/{name}" for name in SCOPES]
    before = int(sql("SELECT count(*) FROM connections"))
    table = pathlib.Path(STATE) / "connections.jsonl"
    with open(table, "w", encoding="utf-8") as lines:
        for start in range(0, count, 1000):
            body = {"provider": "google", "client_id": "bench", "accounts": names[start : start + 1000], "scopes": scopes}
            for place, grant in enumerate(ask(f"{origin}/_simulator/oauth/grants", body)["grants"], before + start):
                line = {
                    "tenant": tenant(place), "provider": "google", "account_id": grant["provider_account"]["google"]["sub"],
                    "account_name": grant["account"], "scopes": scopes, "access_token": grant["access_token"],
                    "refresh_token": grant["refresh_token"],
                    "expires_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3500)),
                }
                lines.write(json.dumps(line) + "\n")
    command = [os.environ["BENCH_WORKER"], "connections", "import", str(table), "--plain"]
    run(command, 600, env={**os.environ, **settings(origin)})
    table.unlink()
    if (found := int(sql("SELECT count(*) FROM connections")) - before) != count:
        raise Wrong(f"{found} of {count} connections were imported")


def sweep(origin: str, name: str) -> None:
    command = [os.environ["BENCH_WORKER"], "sweep", name]
    run(command, 120, env={**os.environ, **settings(origin)})


def used(origin: str) -> tuple[int, int]:
    """Requests for events, and requests that were refused for a quota."""
    counts = ask(f"{origin}/_simulator/calendar/counts")
    methods = counts.get("methods", counts)
    events = sum(methods.get("events.list", {}).values())
    refused = sum(
        number for outcomes in methods.values() if isinstance(outcomes, dict)
        for outcome, number in outcomes.items() if "RateLimit" in outcome or "rateLimit" in outcome
    )
    return events, refused


def phase(worker, origin: str, name: str, done: str, count: int) -> list[dict]:
    """Waits until all are read. What it took."""
    started, cpu, (events, _) = time.monotonic(), cpu_seconds(worker.pid), used(origin)
    wait_for(name, 1800, lambda: int(sql(done)) >= count, 1)
    seconds, cpu, (after, refused) = time.monotonic() - started, cpu_seconds(worker.pid) - cpu, used(origin)
    ceiling = PROJECT * 0.95 * 0.8
    return [
        axis(
            f"{count:,} accounts, {name}", count / seconds * 60, "syncs/min",
            {"what background requests may use of the quota": ceiling}, note=f"{seconds:.0f} s",
        ),
        axis(f"{count:,} accounts, {name}, worker's CPU a sync", cpu / count * 1000, "ms", {}),
        axis(f"{count:,} accounts, {name}, event requests a sync", (after - events) / count, "requests", {}),
        axis(f"{count:,} accounts, {name}, refused for a quota", refused, "requests", {}, goal="0", met=refused == 0),
    ]


def measure_syncs(origin: str) -> list[dict]:
    connect(origin, "bench", ACCOUNTS, EVENTS)
    ask(f"{origin}/_simulator/calendar/quotas", {"project": PROJECT, "user": USER, "window_seconds": 60})
    command = [os.environ["BENCH_WORKER"], "run", "--queues", "default,tokens,calendars", "--concurrency", "64"]
    ready = "SELECT count(*) FROM calendars WHERE state = 'ready'"
    with process("calendars-worker", command, settings(origin)) as worker:
        sweep(origin, "calendars")
        lines = phase(worker, origin, "read to the end", ready, ACCOUNTS)
        before = int(sql("SELECT sum(version) FROM calendars"))
        for number in range(1, ACCOUNTS + 1):
            body = {"account": f"bench{number}", "calendar": "primary", "count": 1, "seed": number, "kinds": ["insert"]}
            ask(f"{origin}/_simulator/calendar/mutate", body)
        sql("UPDATE calendars SET next_sync_at = now()")
        changed = f"SELECT sum(version) - {before} FROM calendars"
        sweep(origin, "calendars")
        lines += phase(worker, origin, "one change each", changed, ACCOUNTS)
    if failed := sql("SELECT kind, failure->>'code', count(*) FROM jobs WHERE state = 'failed' GROUP BY 1, 2"):
        raise Wrong(f"jobs failed: {failed}")
    return lines


def measure_large(origin: str) -> list[dict]:
    """By a worker of its own, once from nothing, once from the beginning though all is there, and once a single change."""
    connect(origin, "large", 1, LARGE)
    # Nobody else's is due.
    sql("UPDATE calendars SET next_sync_at = now() + interval '1 day'")
    sql("UPDATE calendar_lists SET next_sync_at = now() + interval '1 day'")
    which = "FROM calendars WHERE event_count > 1000"
    steps = [
        ("read to the end", "", f"SELECT count(*) {which} AND state = 'ready'"),
        (
            "all of it again", "UPDATE calendars SET sync_token = NULL, next_sync_at = now() WHERE event_count > 1000",
            f"SELECT count(*) {which} AND sync_token IS NOT NULL",
        ),
        (
            "one change", "UPDATE calendars SET next_sync_at = now() WHERE event_count > 1000",
            f"SELECT count(*) {which} AND next_sync_at > now()",
        ),
    ]
    command = [os.environ["BENCH_WORKER"], "run", "--queues", "default,tokens,calendars", "--concurrency", "4"]
    found = {}
    with process("large-worker", command, settings(origin)) as worker:
        time.sleep(2)
        idle = peak_megabytes(worker.pid)
        for name, before, done in steps:
            ask(
                f"{origin}/_simulator/calendar/mutate",
                {"account": "large1", "calendar": "primary", "count": 1, "seed": 1, "kinds": ["insert"]},
            )
            if before:
                sql(before)
            started, cpu = time.monotonic(), cpu_seconds(worker.pid)
            sweep(origin, "calendars")
            wait_for(f"the large calendar, {name}", 600, lambda: int(sql(done)) == 1, 0.1)
            seconds, cpu = time.monotonic() - started, cpu_seconds(worker.pid) - cpu
            found[name] = (seconds, cpu)
        peak = peak_megabytes(worker.pid)
    sql("CREATE TABLE large_copy (LIKE calendar_events INCLUDING ALL)")
    started = time.monotonic()
    sql(
        """
        INSERT INTO large_copy SELECT calendar_events.* FROM calendar_events JOIN calendars ON id = calendar_id
        WHERE event_count > 1000
        """
    )
    alone = {"its rows written by one INSERT": time.monotonic() - started}
    sql("DROP TABLE large_copy")
    title = f"a calendar of {LARGE:,} events"
    return [
        axis(f"{title}, {name}", seconds, "s", {} if name == "one change" else alone, note=f"{cpu:.1f} s of CPU")
        for name, (seconds, cpu) in found.items()
    ] + [axis(f"{title}, peak memory", peak, "MB", {"the same worker, idle": idle})]


def measure_sweep(origin: str) -> list[dict]:
    """Connections that are due, of which nobody has the tokens: only that they are enqueued is measured."""
    sql("TRUNCATE connections, jobs CASCADE")
    sql(
        f"""
        INSERT INTO connections (id, tenant_id, provider, account_id, account_name, scopes, refresh_token, renew_at)
        SELECT gen_random_uuid(), ('{TENANT[:24]}' || lpad((n / 100)::text, 12, '0'))::uuid, 'google', n, 'a' || n,
               '{{}}', 'sv1.1.none', now() - interval '1 minute'
        FROM generate_series(1, {SWEPT}) AS n
        """
    )
    command = [os.environ["BENCH_WORKER"], "run", "--queues", "tokens", "--concurrency", "1"]
    with process("sweeping-worker", command, settings(origin) | {"RENEWALS_PER_SECOND": "1"}) as worker:
        time.sleep(2)
        idle, started = peak_megabytes(worker.pid), time.monotonic()
        sweep(origin, "tokens")
        enqueued = "SELECT count(*) FROM jobs WHERE kind = 'token.renew'"
        wait_for("the sweep", 900, lambda: int(sql(enqueued)) >= SWEPT, 0.5)
        seconds, peak = time.monotonic() - started, peak_megabytes(worker.pid)
    name = f"sweep of {SWEPT:,} connections that are due"
    goal = {"goal": "under 100 MB more than idle", "met": peak - idle < 100}
    return [
        axis(name, SWEPT / seconds, "jobs/s", {}, note=f"{seconds:.0f} s"),
        axis(f"{name}, peak memory", peak, "MB", {"the same worker, idle": idle}, **goal),
    ]


def measure(limits: dict) -> list[dict]:
    with google() as origin:
        return measure_syncs(origin) + measure_large(origin) + measure_sweep(origin)
