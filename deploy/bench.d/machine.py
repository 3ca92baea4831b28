"""What a measurement stands on: the run's own stores and programs, named by the environment deploy/bench sets."""

import contextlib
import json
import math
import os
import pathlib
import signal
import subprocess
import time

FOLDER = pathlib.Path(__file__).parent
STATE = pathlib.Path(os.environ["BENCH_STATE"])
QUICK = os.environ.get("BENCH_QUICK") == "1"
GATEWAY = os.environ["BENCH_GATEWAY_URL"]
KEY = os.environ["BENCH_KEY"]
CONNECTIONS = 64


class Wrong(Exception):
    """A measurement that is not what it claims to be: rows missing, jobs run twice, requests refused."""


def run(command: list[str], seconds: float = 120, **more) -> str:
    """Standard output of a command that must succeed in time."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, **more)
    if done.returncode != 0:
        raise Wrong(f"{pathlib.Path(command[0]).name} failed ({done.returncode}): {done.stderr.strip()[-500:]}")
    return done.stdout


def sql(statement: str, seconds: float = 120) -> str:
    """Rows as text, columns separated by |. Connection and password come from PG* variables."""
    return run([os.environ["BENCH_PG_BIN"] + "/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", statement], seconds).strip()


def clear() -> None:
    """No job anywhere, for the next measurement."""
    sql("TRUNCATE jobs CASCADE")
    sql("CHECKPOINT")
    run(["redis-cli", "-h", "127.0.0.1", "-p", os.environ["BENCH_REDIS_PORT"], "FLUSHDB"])


def percentile(values: list[float], share: float) -> float:
    """The value that at least `share` of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


@contextlib.contextmanager
def process(name: str, command: list[str], environment: dict[str, str]):
    """A program for the time of a block, ended with SIGTERM; its output is logs/NAME.log."""
    with open(STATE / "logs" / f"{name}.log", "ab") as log:
        started = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        try:
            yield started
        finally:
            started.send_signal(signal.SIGTERM)
            try:
                started.wait(45)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait(5)


def worker():
    """One worker process on every queue the jobs use."""
    command = [os.environ["BENCH_WORKER"], "run", "--queues", "chat,default"]
    return process(
        "worker",
        command + ["--concurrency", os.environ["BENCH_CONCURRENCY"]],
        {"DATABASE_URL": os.environ["BENCH_WORKER_DATABASE_URL"]},
    )


def wait_for(what: str, seconds: float, ready) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise Wrong(f"{what}: not after {seconds} s")
        time.sleep(0.2)


def axis(name: str, value: float, unit: str, limits: dict[str, float], **more) -> dict:
    """One line of the report. `ratio` is the value divided by the limit's or peer's, in the same unit."""
    compared = [
        {"name": limit, "value": round(other, 3), "ratio": round(value / other, 3)} for limit, other in limits.items()
    ]
    return {"axis": name, "value": round(value, 3), "unit": unit, "limits": compared, **more}


def show(line: dict, as_json: bool) -> None:
    if as_json:
        print(json.dumps(line), flush=True)
        return
    goal = f"   (goal: {line['goal']})" if "goal" in line else ""
    print(f"{line['axis']:<34} {line['value']:>12,.2f} {line['unit']}{goal}", flush=True)
    for limit in line["limits"]:
        print(f"    {limit['ratio']:>7.2f} x {limit['name']} ({limit['value']:,.2f})", flush=True)
