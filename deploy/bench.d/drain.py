"""Jobs a second that one worker process drains from a full queue, and what each costs."""

import statistics
import time

import peers
from accepts import wrk
from machine import GATEWAY, POSTGRES, QUICK, REDIS, axis, clear, sql, tally, wait_for, worker
from usage import cpu_seconds, peak_megabytes

GOAL_RATE = 30_000


def fill(jobs: int, body: str | None = None) -> int:
    """At least that many queued jobs, accepted over HTTP; how many there are once the last requests are settled."""
    while queued() < jobs:
        wrk(GATEWAY, 2, body)
    count = -1
    while count != (count := queued()):
        time.sleep(0.5)
    return count


def queued() -> int:
    return int(sql("SELECT count(*) FROM jobs"))


def check_once(jobs: int) -> None:
    """Counts as lost what did not succeed, and as repeated what took more than one attempt."""
    succeeded = int(sql("SELECT count(*) FROM jobs WHERE state = 'succeeded'"))
    repeated = int(sql("SELECT count(*) FROM jobs WHERE attempt > 1"))
    tally.add(jobs, abs(jobs - succeeded), repeated)


def drain() -> peers.Figures:
    """Our own figures. The worker's launch and the looking whether it is done count as cost; a peer's do not."""
    clear()
    jobs = fill(20_000 if QUICK else 100_000)
    before = cpu_seconds(REDIS, POSTGRES)
    with worker() as process:
        unfinished = "SELECT EXISTS (SELECT FROM jobs WHERE finished_at IS NULL)"
        wait_for(f"{jobs} jobs done", 300, lambda: sql(unfinished) == "f", 0.5)
        used = cpu_seconds(process.pid, REDIS, POSTGRES) - before
        memory = peak_megabytes(process.pid)
    check_once(jobs)
    seconds = float(sql("SELECT extract(epoch FROM max(finished_at) - min(started_at)) FROM jobs"))
    return peers.Figures("Errand", "", jobs, jobs / seconds, used / jobs * 10_000, memory)


def drain_beside_peers() -> tuple[list[peers.Figures], dict[str, list[peers.Figures]]]:
    """With peers, ours before them and after them: the machine may not be as quick all the time."""
    ours = [drain()]
    clear()  # so that no vacuuming of our rows goes on beside the peers
    if theirs := peers.drain_all():
        ours.append(drain())
    return ours, theirs


def measure(limits: dict):
    ours, theirs = drain_beside_peers()
    runs = {"runs": [round(each.rate) for each in ours], "jobs": [each.jobs for each in ours]}
    rate = statistics.mean(each.rate for each in ours)
    fastest = [max(trials, key=lambda each: each.rate) for trials in theirs.values()]
    fastest.sort(key=lambda each: -each.rate)
    compared = {each.full_name: each.rate for each in fastest} | {
        "pgbench, 64 clients": limits["postgres"]["tps"],
        "redis-benchmark LPUSH, 64 clients": limits["redis"]["rps"],
        "redis-benchmark LPUSH, 64 clients, -P 16": limits["redis pipelined"]["rps"],
    }
    goal = {"goal": f"{GOAL_RATE:,} jobs/s", "met": rate >= GOAL_RATE}
    yield axis("drain, fenced, results persisted", rate, "jobs/s", compared, **goal, **runs)
    yield cost(ours, theirs)
    memory = max(each.memory for each in ours)
    yield axis("drain, worker's peak memory", memory, "MB", {each.full_name: each.memory for each in fastest})
    for trials in theirs.values():
        yield peers.line(trials)


def cost(ours: list[peers.Figures], theirs: dict[str, list[peers.Figures]]) -> dict:
    cpu = statistics.mean(each.cpu for each in ours)
    thriftiest = [min(trials, key=lambda each: each.cpu) for trials in theirs.values()]
    thriftiest.sort(key=lambda each: each.cpu)
    goal = {"goal": "less than the best peer", "met": cpu < thriftiest[0].cpu} if thriftiest else {}
    compared = {each.full_name: each.cpu for each in thriftiest}
    return axis("drain, CPU of all processes", cpu, "s/10,000 jobs", compared, **goal)
