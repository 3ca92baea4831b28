"""All measurements of deploy/bench, in one run. `--json`: one object a line."""

import os
import signal
import sys

import accepts
import attacks
import calendars
import callers
import contention
import depth
import drain
import fairness
import in_flight
import latency
import limits
import overload
import recovery
from machine import Wrong, axis, show, sql, tally
from table import table

PARTS = [accepts, callers, overload, attacks, drain, latency, in_flight, recovery, contention]
DEEP_PARTS = [fairness, depth, calendars]


def parts() -> list:
    """Those that BENCH_ONLY names, or all that are asked for."""
    if only := os.environ.get("BENCH_ONLY", "").split():
        return [part for part in PARTS + DEEP_PARTS if part.__name__ in only]
    return PARTS + (DEEP_PARTS if os.environ.get("BENCH_DEEP") == "1" else [])


def measurements():
    """The report's lines as they come."""
    found = limits.measure()
    yield axis("limit: redis-benchmark", found["redis"]["rps"], "LPUSH/s", {})
    yield axis("limit: redis-benchmark -P 16", found["redis pipelined"]["rps"], "LPUSH/s", {})
    yield axis("limit: pgbench", found["postgres"]["tps"], "INSERT/s", {})
    for part in parts():
        yield from part.measure(found)
    of_all = f"of all {tally.jobs:,} jobs"
    yield axis(f"lost, {of_all}", tally.lost, "jobs", {}, goal="0", met=tally.lost == 0)
    yield axis(f"repeated, {of_all}", tally.repeated, "jobs", {}, goal="0", met=tally.repeated == 0)


def main() -> int:
    as_json = "--json" in sys.argv
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))  # so that blocks end what they started
    sql("CREATE TABLE peer_jobs (LIKE jobs INCLUDING ALL); CREATE TABLE limit_jobs (LIKE jobs INCLUDING ALL)")
    lines, status = [], 0
    try:
        for line in measurements():
            show(line, as_json)
            lines.append(line)
    except Wrong as wrong:
        print(f"bench: {wrong}", file=sys.stderr)
        status = 1
    if not as_json:
        print("\n" + table(lines), flush=True)
    return 1 if tally.lost or tally.repeated else status


sys.exit(main())
