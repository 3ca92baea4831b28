"""What a job costs with 1,000,000 others in the queue, beside a queue that shrinks to 1,000."""

import statistics
import time

from drain import fill
from machine import POSTGRES, QUICK, REDIS, Wrong, axis, clear, sql, tally, worker
from usage import cpu_seconds

DEEP = 100_000 if QUICK else 1_000_000
SHALLOW = 1_000
WARM_UP = 5_000
MEASURED = 20_000 if QUICK else 50_000
GOAL_COST = 1.2
STALLED_SECONDS = 10


def wait_done(jobs: int) -> None:
    """Until about so many jobs are done. To count them would cost more the deeper the queue is; what PostgreSQL counts
    by itself is the rows it has written, two a job, when it is claimed and when it ends."""
    first = last = written()
    moved = time.monotonic()
    while last - first < 2 * jobs and time.monotonic() - moved < STALLED_SECONDS:
        time.sleep(0.2)
        if (now := written()) != last:
            last, moved = now, time.monotonic()


def written() -> int:
    return int(sql("SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'jobs'"))


def drain_queue(jobs: int, skip: int) -> tuple[float, float]:
    """Jobs a second from the end of job number `skip` on, and CPU seconds for 10,000 jobs, all processes."""
    sql("VACUUM ANALYZE jobs", 600)
    sql("CHECKPOINT")
    used = cpu_seconds(REDIS, POSTGRES)
    with worker() as process:
        wait_done(skip + MEASURED)
        used = cpu_seconds(process.pid, REDIS, POSTGRES) - used
        done = int(sql("SELECT count(*) FROM jobs WHERE finished_at IS NOT NULL"))
    if done < skip + MEASURED:
        raise Wrong(f"depth: {done} of {jobs} jobs done, and then no more")
    tally.add(done, 0, int(sql("SELECT count(*) FROM jobs WHERE attempt > 1 AND state = 'succeeded'")))
    window = f"SELECT finished_at FROM jobs WHERE finished_at IS NOT NULL ORDER BY 1 OFFSET {skip} LIMIT {MEASURED}"
    seconds = float(sql(f"SELECT extract(epoch FROM max(finished_at) - min(finished_at)) FROM ({window}) AS measured"))
    return MEASURED / seconds, used / done * 10_000


def drain_shallow() -> tuple[float, float]:
    clear()
    jobs = fill(SHALLOW + MEASURED + WARM_UP)
    return drain_queue(jobs, jobs - SHALLOW - MEASURED)


def drain_deep() -> tuple[float, float]:
    clear()
    return drain_queue(fill(DEEP), WARM_UP)


def measure(limits: dict) -> list[dict]:
    before, (deep_rate, deep_cpu), after = drain_shallow(), drain_deep(), drain_shallow()
    shallow_rate, shallow_cpu = map(statistics.mean, zip(before, after))
    beside = f"the queue shrinking from {SHALLOW + MEASURED:,} to {SHALLOW:,}"

    def goal(cost: float) -> dict:
        return {"goal": f"at most {GOAL_COST} x the cost", "met": cost <= GOAL_COST}

    return [
        axis(f"drain, {DEEP:,} queued", deep_rate, "jobs/s", {beside: shallow_rate}, **goal(shallow_rate / deep_rate)),
        axis(f"CPU, {DEEP:,} queued", deep_cpu, "s/10,000 jobs", {beside: shallow_cpu}, **goal(deep_cpu / shallow_cpu)),
    ]
