"""Jobs a second that one worker process drains from a full queue."""

import time

from accepts import wrk
from machine import GATEWAY, QUICK, Wrong, axis, clear, sql, wait_for, worker


def fill(jobs: int) -> int:
    """At least that many queued jobs, accepted over HTTP; how many there are once the last requests are settled."""
    while queued() < jobs:
        wrk(GATEWAY, 2)
    count = -1
    while count != (count := queued()):
        time.sleep(0.5)
    return count


def queued() -> int:
    return int(sql("SELECT count(*) FROM jobs"))


def check_once(jobs: int) -> None:
    """Every job succeeded in its first and only attempt."""
    rows = sql("SELECT state, attempt, count(*) FROM jobs GROUP BY 1, 2")
    if rows != f"succeeded|1|{jobs}":
        raise Wrong(f"{jobs} jobs were queued, afterwards (state|attempt|count): {rows.splitlines()}")


def measure(limits: dict) -> list[dict]:
    clear()
    jobs = fill(20_000 if QUICK else 100_000)
    with worker():
        unfinished = "SELECT EXISTS (SELECT FROM jobs WHERE finished_at IS NULL)"
        wait_for(f"{jobs} jobs done", 300, lambda: sql(unfinished) == "f")
    check_once(jobs)
    seconds = float(sql("SELECT extract(epoch FROM max(finished_at) - min(started_at)) FROM jobs"))
    compared = {
        "pgbench, 64 clients": limits["postgres"]["tps"],
        "redis-benchmark LPUSH, 64 clients": limits["redis"]["rps"],
        "redis-benchmark LPUSH, 64 clients, -P 16": limits["redis pipelined"]["rps"],
    }
    return [axis("drain", jobs / seconds, "jobs/s", compared, goal="10,000 jobs/s", jobs=jobs)]
