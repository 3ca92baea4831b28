"""What the stores themselves give on this machine, in this run: redis-benchmark and pgbench."""

import csv
import os
import re

from machine import CONNECTIONS, QUICK, STATE, percentile, run

INSERT = """INSERT INTO limit_jobs
(id, tenant_id, queue, kind, payload, state, max_attempts, attempt_timeout_seconds, run_at, created_at)
VALUES (gen_random_uuid(), '00000000-0000-7000-8000-000000000001', 'default', 'noop', '{}', 'queued', 5, 60, now(), now())
RETURNING id;
"""


def redis_benchmark(clients: int, pipeline: int, requests: int) -> dict[str, float]:
    """LPUSH with redis-benchmark's own small value: rps, p50 and p99 in ms."""
    command = ["redis-benchmark", "-h", "127.0.0.1", "-p", os.environ["BENCH_REDIS_PORT"]]
    command += ["-a", os.environ["REDISCLI_AUTH"], "-t", "lpush", "--csv"]
    command += ["-c", str(clients), "-P", str(pipeline), "-n", str(requests // 4 if QUICK else requests)]
    rows = [row for row in csv.reader(run(command).splitlines()) if len(row) > 6]
    values = dict(zip(rows[0], rows[1]))
    return {
        "rps": float(values["rps"]),
        "p50": float(values["p50_latency_ms"]),
        "p99": float(values["p99_latency_ms"]),
    }


def pgbench(clients: int, seconds: int) -> dict[str, float]:
    """Single-row INSERT into a table made like jobs, each its own durable transaction: tps, p50 and p99 in ms."""
    script, prefix = STATE / "insert.sql", STATE / f"pgbench-{clients}"
    script.write_text(INSERT)
    command = [os.environ["BENCH_PG_BIN"] + "/pgbench", "-n", "-M", "prepared", "-f", str(script)]
    command += ["-c", str(clients), "-j", str(min(2, clients)), "-T", str(seconds // 2 if QUICK else seconds)]
    # Only the single client's latencies are read: writing thousands of log lines a second would slow the others.
    command += ["-l", "--log-prefix", str(prefix)] if clients == 1 else []
    output = run(command, seconds + 60)
    rate = float(re.search(r"tps = ([0-9.]+)", output)[1])
    latencies = [int(line.split()[2]) / 1000 for log in STATE.glob(prefix.name + ".*") for line in log.open()]
    return {"tps": rate} | ({"p50": percentile(latencies, 0.5), "p99": percentile(latencies, 0.99)} if latencies else {})


def measure() -> dict[str, dict[str, float]]:
    return {
        "redis": redis_benchmark(CONNECTIONS, 1, 400_000),
        "redis pipelined": redis_benchmark(CONNECTIONS, 16, 2_000_000),
        "redis single": redis_benchmark(1, 1, 40_000),
        "postgres": pgbench(CONNECTIONS, 8),
        "postgres single": pgbench(1, 6),
    }
