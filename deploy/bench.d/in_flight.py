"""Attempts of one worker process that all wait at the same time, as they do for an LLM's answer."""

import time

from drain import check_once
from machine import Wrong, axis, clear, sql, wait_for, worker
from posts import noop, post
from usage import peak_megabytes

ATTEMPTS = 5_000
WAIT_MILLISECONDS = 20_000
GOAL_MEGABYTES = 500


def most_at_once() -> int:
    """How many attempts were running at the same moment, at the most."""
    rows = sql("SELECT extract(epoch FROM started_at), extract(epoch FROM finished_at) FROM jobs").splitlines()
    changes = []
    for row in rows:
        started, finished = row.split("|")
        changes += [(float(started), 1), (float(finished), -1)]
    running = most = 0
    for _, change in sorted(changes):
        running += change
        most = max(most, running)
    return most


def measure(limits: dict) -> list[dict]:
    clear()
    post(ATTEMPTS, noop(sleep_ms=WAIT_MILLISECONDS))
    launched = time.time()
    with worker(concurrency=ATTEMPTS) as process:
        unfinished = "SELECT EXISTS (SELECT FROM jobs WHERE finished_at IS NULL)"
        wait_for(f"{ATTEMPTS} waiting jobs done", 180, lambda: sql(unfinished) == "f", 0.5)
        peak = peak_megabytes(process.pid)
    check_once(ATTEMPTS)
    at_once = most_at_once()
    all_ran = float(sql("SELECT extract(epoch FROM max(started_at)) FROM jobs")) - launched
    if not 0 < peak:
        raise Wrong("the worker ended before its memory was read")
    goal = {"goal": f"under {GOAL_MEGABYTES} MB", "met": peak < GOAL_MEGABYTES and at_once == ATTEMPTS}
    name = f"{ATTEMPTS:,} attempts wait in one process"
    return [
        axis(f"{name}, peak memory", peak, "MB", {}, **goal, note=f"{at_once:,} at once", at_once=at_once),
        axis(f"{name}, launch to all running", all_ran, "s", {}),
    ]
