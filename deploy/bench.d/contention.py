"""How long one tenant's single jobs wait to start while another tenant has a backlog of 100,000."""

import random
import time

from drain import fill
from machine import QUICK, TENANTS, Wrong, axis, clear, percentile, sql, tally, wait_for, worker
from posts import Client, noop

BACKLOG = 20_000 if QUICK else 100_000
SINGLES = 40 if QUICK else 100
SLOTS = 16
SERVICE_MILLISECONDS = 100
GOAL_SERVICE_TIMES = 2
PATIENCE_SECONDS = 10


def post_singles(key: str) -> None:
    """One job at a time at moments the worker's rhythm does not know, slower than one slot would do them."""
    neighbour = Client(key)
    for _ in range(SINGLES):
        neighbour.post(noop(sleep_ms=SERVICE_MILLISECONDS))
        time.sleep(random.uniform(0.8, 1.6) * SERVICE_MILLISECONDS / 1000)


def measure(limits: dict) -> list[dict]:
    clear()
    backlog = fill(BACKLOG, noop(sleep_ms=SERVICE_MILLISECONDS))
    neighbour, key = TENANTS[1]
    of_neighbour = f"tenant_id = '{neighbour}'"
    unstarted = f"SELECT count(*) FROM jobs WHERE {of_neighbour} AND started_at IS NULL"
    with worker(concurrency=SLOTS):
        running = "SELECT count(*) FROM jobs WHERE state = 'running'"
        wait_for("every slot taken", 30, lambda: int(sql(running)) >= SLOTS // 2)
        time.sleep(1)
        post_singles(key)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while sql(unstarted) != "0" and time.monotonic() < deadline:
            time.sleep(0.5)
        left = int(sql("SELECT count(*) FROM jobs WHERE state = 'queued'"))
        delay = "extract(epoch FROM coalesce(started_at, clock_timestamp()) - created_at) * 1000"
        rows = sql(f"SELECT {delay}, started_at IS NULL FROM jobs WHERE {of_neighbour}").splitlines()
    if len(rows) != SINGLES:
        raise Wrong(f"contention: {SINGLES} single jobs were accepted, {len(rows)} rows are there")
    if left < backlog // 2:
        raise Wrong(f"contention: of a backlog of {backlog} only {left} were left: the single jobs met no contention")
    tally.add(SINGLES, 0, int(sql("SELECT count(*) FROM jobs WHERE attempt > 1")))
    delays = [float(row.split("|")[0]) / SERVICE_MILLISECONDS for row in rows]
    waiting = sum(row.endswith("|t") for row in rows)
    note = {"note": f"{waiting} of {SINGLES} had not started when the watch ended"} if waiting else {}
    more = {**note, "not_started": waiting, "backlog": backlog}
    p50, p99 = percentile(delays, 0.5), percentile(delays, 0.99)
    goal = {"goal": f"{GOAL_SERVICE_TIMES} service times", "met": p99 <= GOAL_SERVICE_TIMES}
    name = f"start behind another's {BACKLOG:,} jobs"
    return [
        axis(f"{name}, p50", p50, "service times", {}, **more),
        axis(f"{name}, p99", p99, "service times", {}, **goal, **more),
    ]
