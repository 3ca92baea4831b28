"""All measurements of deploy/bench, in one run. `--json`: one object a line."""

import signal
import sys

import accepts
import drain
import latency
import limits
from machine import Wrong, axis, show, sql


def main() -> int:
    as_json = "--json" in sys.argv
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))  # so that blocks end what they started
    sql("CREATE TABLE peer_jobs (LIKE jobs INCLUDING ALL); CREATE TABLE limit_jobs (LIKE jobs INCLUDING ALL)")
    try:
        found = limits.measure()
        show(axis("limit: redis-benchmark", found["redis"]["rps"], "LPUSH/s", {}), as_json)
        show(axis("limit: redis-benchmark -P 16", found["redis pipelined"]["rps"], "LPUSH/s", {}), as_json)
        show(axis("limit: pgbench", found["postgres"]["tps"], "INSERT/s", {}), as_json)
        for part in (accepts, drain, latency):
            for line in part.measure(found):
                show(line, as_json)
    except Wrong as wrong:
        print(f"bench: {wrong}", file=sys.stderr)
        return 1
    return 0


sys.exit(main())
