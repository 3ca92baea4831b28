"""Durable jobs accepted a second over HTTP, by the gateway and by its peer in turn."""

import os
import re
import socket
import sys

from machine import CONNECTIONS, FOLDER, GATEWAY, KEY, QUICK, STATE, Wrong, axis, process, run, sql, wait_for


def wrk(base: str, seconds: int, body: str | None = None, key: str = KEY) -> tuple[float, int]:
    """Requests a second and their number; every answer must be a 2xx."""
    command = ["wrk", "-t", "2", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "--timeout", "10s"]
    environment = {**os.environ, "BENCH_KEY": key, **({"BENCH_BODY": body} if body else {})}
    command += ["-s", str(FOLDER / "accept.lua"), base + "/api/v1/jobs"]
    output = run(command, seconds + 60, env=environment)
    if "Non-2xx" in output or "Socket errors" in output:
        raise Wrong(f"{base} refused requests:\n{output}")
    rate = float(re.search(r"Requests/sec:\s+([0-9.]+)", output)[1])
    return rate, int(re.search(r"(\d+) requests in", output)[1])


def counted(base: str, table: str, seconds: int) -> float:
    """wrk's figure, after a look into the table: each answered request is a row there, and at most the requests that
    were on their way when wrk stopped are more."""
    before = int(sql(f"SELECT count(*) FROM {table}"))
    rate, requests = wrk(base, seconds)
    added = int(sql(f"SELECT count(*) FROM {table}")) - before
    if not requests <= added <= requests + 2 * CONNECTIONS:
        raise Wrong(f"{base}: {requests} requests answered, {added} rows added to {table}")
    return rate


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def peer(processes: int, port: int):
    command = [sys.executable, "-m", "uvicorn", "peer:app", "--app-dir", str(FOLDER), "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", str(processes), "--loop", "uvloop", "--http", "httptools"]
    return process(f"peer-{processes}", command + ["--no-access-log", "--log-level", "warning"], {"BENCH_KEY": KEY})


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def measure_peer(processes: int, seconds: int) -> float:
    port = free_port()
    with peer(processes, port):
        wait_for("the peer", 30, lambda: answers(port))
        wrk(f"http://127.0.0.1:{port}", 2)
        return counted(f"http://127.0.0.1:{port}", "peer_jobs", seconds)


def measure(limits: dict) -> list[dict]:
    seconds = 4 if QUICK else 8
    trials = {processes: measure_peer(processes, seconds // 2) for processes in (1, 2)}
    best = max(trials, key=trials.get)
    wrk(GATEWAY, 2)
    ours, theirs = [], []
    for _ in range(2):
        ours.append(counted(GATEWAY, "jobs", seconds))
        theirs.append(measure_peer(best, seconds))
    name = f"FastAPI + uvicorn + asyncpg, {best} process{'es' if best > 1 else ''}"
    compared = {
        name: sum(theirs) / 2,
        "pgbench, 64 clients": limits["postgres"]["tps"],
        "redis-benchmark LPUSH, 64 clients": limits["redis"]["rps"],
    }
    runs = {"runs": [round(rate) for rate in ours], "peer_runs": [round(rate) for rate in theirs]}
    trials = {str(processes): round(rate) for processes, rate in trials.items()}
    goal = {"goal": f"3 x {name}", "met": sum(ours) >= 3 * sum(theirs)}
    return [axis("accept", sum(ours) / 2, "jobs/s", compared, **goal, **runs, peer_by_processes=trials)]
