"""kill -9 of a worker: how long its jobs wait for their next start, and whether any is lost or repeated needlessly."""

import contextlib
import os
import random
import signal
import time

import peers
from machine import QUICK, Wrong, axis, clear, percentile, sql, tally, wait_for, worker
from posts import noop, post

ROUNDS = 2 if QUICK else 10 if os.environ.get("BENCH_DEEP") == "1" else 4
IN_FLIGHT = 20
WORK_MILLISECONDS = 5_000
GOAL_SECONDS = 5


def wait_running(jobs: int) -> None:
    running = "SELECT count(*) FROM jobs WHERE state = 'running'"
    wait_for(f"{jobs} jobs running", 20, lambda: sql(running) == str(jobs), 0.05)


def kill_one_of_two(number: int) -> tuple[float, set[str]]:
    """The first worker fills up with 20 jobs before the second one comes, which takes 20 others and has room for all.
    Then the first is killed. The moment of that, and the jobs it was running."""
    clear()
    with contextlib.ExitStack() as workers:
        victim = workers.enter_context(worker(f"victim-{number}", IN_FLIGHT))
        victims = set(post(IN_FLIGHT, noop(sleep_ms=WORK_MILLISECONDS)))
        wait_running(IN_FLIGHT)
        workers.enter_context(worker(f"survivor-{number}", 3 * IN_FLIGHT))
        post(IN_FLIGHT, noop(sleep_ms=WORK_MILLISECONDS))
        wait_running(2 * IN_FLIGHT)
        time.sleep(random.uniform(0, 1.5))  # at any point of the heartbeat
        killed = time.time()
        victim.send_signal(signal.SIGKILL)
        unfinished = "SELECT count(*) FROM jobs WHERE finished_at IS NULL"
        with contextlib.suppress(Wrong):  # what is not done by then is counted as lost
            wait_for("all jobs done", 60, lambda: sql(unfinished) == "0")
    return killed, victims


def measure(limits: dict):
    waits, all_lost, all_repeated = [], 0, 0
    for number in range(ROUNDS):
        killed, victims = kill_one_of_two(number)
        rows = sql("SELECT id, state, attempt, extract(epoch FROM started_at) FROM jobs").splitlines()
        if len(rows) != 2 * IN_FLIGHT:
            raise Wrong(f"recovery: {2 * IN_FLIGHT} jobs were accepted, {len(rows)} rows are there")
        lost = repeated = 0
        for job, state, attempt, started in (row.split("|") for row in rows):
            lost += state != "succeeded"
            repeated += max(0, int(attempt) - (2 if job in victims else 1))
            if job in victims and int(attempt) > 1:
                waits.append(float(started) - killed)
        tally.add(2 * IN_FLIGHT, lost, repeated)
        all_lost, all_repeated = all_lost + lost, all_repeated + repeated
    if not waits:
        raise Wrong("recovery: no killed job ever started again")
    more = {"rounds": ROUNDS, "in_flight": IN_FLIGHT, "samples": len(waits)}
    for label, value in (("p50", percentile(waits, 0.5)), ("p99", percentile(waits, 0.99)), ("max", max(waits))):
        goal = {"goal": f"{GOAL_SECONDS} s", "met": value <= GOAL_SECONDS} if label == "p99" else {}
        yield axis(f"recovery after kill -9, {label}", value, "s", {}, **goal, **more)
    yield axis("recovery after kill -9, lost", all_lost, "jobs", {}, goal="0", met=all_lost == 0)
    yield axis("recovery after kill -9, repeated", all_repeated, "jobs", {}, goal="0", met=all_repeated == 0)
    yield from peers.recover_all()
