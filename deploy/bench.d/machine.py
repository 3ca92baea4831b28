"""What a measurement stands on: the run's own stores and programs, named by the environment deploy/bench sets."""

import contextlib
import dataclasses
import json
import math
import os
import pathlib
import signal
import subprocess
import sys
import time

from usage import tree

FOLDER = pathlib.Path(__file__).parent
STATE = pathlib.Path(os.environ["BENCH_STATE"])
QUICK = os.environ.get("BENCH_QUICK") == "1"
GATEWAY = os.environ["BENCH_GATEWAY_URL"]
KEY = os.environ["BENCH_KEY"]
# Ids and keys; the first one's key is KEY.
TENANTS = [tuple(pair.split(":")) for pair in os.environ["BENCH_TENANTS"].split(",")]
REDIS = int(os.environ["BENCH_REDIS_PROCESS"])
POSTGRES = int(os.environ["BENCH_POSTGRES_PROCESS"])
CONNECTIONS = 64


class Wrong(Exception):
    """A measurement that is not what it claims to be: rows missing, jobs run twice, requests refused."""


@dataclasses.dataclass
class Tally:
    """What became of the jobs of this run that were to be done to the end."""

    jobs: int = 0
    lost: int = 0
    repeated: int = 0

    def add(self, jobs: int, lost: int, repeated: int) -> None:
        self.jobs, self.lost, self.repeated = self.jobs + jobs, self.lost + lost, self.repeated + repeated
        if lost or repeated:
            rows = sql("SELECT state, attempt, count(*) FROM jobs GROUP BY 1, 2 ORDER BY 1, 2").splitlines()
            said = f"bench: {lost} of {jobs} jobs lost, {repeated} repeated: (state|attempt|count) {rows}"
            print(said, file=sys.stderr)


tally = Tally()


def run(command: list[str], seconds: float = 120, **more) -> str:
    """Standard output of a command that must succeed in time."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, **more)
    if done.returncode != 0:
        raise Wrong(f"{pathlib.Path(command[0]).name} failed ({done.returncode}): {done.stderr.strip()[-500:]}")
    return done.stdout


def sql(statement: str, seconds: float = 120) -> str:
    """Rows as text, columns separated by |. Connection and password come from PG* variables."""
    command = [os.environ["BENCH_PG_BIN"] + "/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", statement]
    return run(command, seconds).strip()


def clear() -> None:
    """No job anywhere, for the next measurement."""
    sql("TRUNCATE jobs, peer_jobs, limit_jobs CASCADE")
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
                kill(started)
                started.wait(5)


def kill(started: subprocess.Popen) -> None:
    """kill -9, its descendants as well."""
    for each in tree(started.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def worker(name: str = "worker", concurrency: int | None = None):
    """One worker process on every queue the jobs use."""
    command = [os.environ["BENCH_WORKER"], "run", "--queues", "chat,default"]
    return process(
        name,
        command + ["--concurrency", str(concurrency or os.environ["BENCH_CONCURRENCY"])],
        {"DATABASE_URL": os.environ["BENCH_WORKER_DATABASE_URL"]},
    )


def wait_for(what: str, seconds: float, ready, pause: float = 0.2) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise Wrong(f"{what}: not after {seconds} s")
        time.sleep(pause)


def axis(name: str, value: float, unit: str, limits: dict[str, float], **more) -> dict:
    """One line of the report. `ratio` is the value divided by the limit's or peer's, in the same unit; the table shows
    the first of them. More that is known of: `goal` (a text) with `met`, and `note`."""
    compared = [
        {"name": limit, "value": round(other, 3), "ratio": round(value / other, 3)} for limit, other in limits.items()
    ]
    return {"axis": name, "value": round(value, 3), "unit": unit, "limits": compared, **more}


def show(line: dict, as_json: bool) -> None:
    if as_json:
        print(json.dumps(line), flush=True)
        return
    goal = f"   (goal: {line['goal']}{'' if line['met'] else ', missed'})" if "goal" in line else ""
    note = f"   {line['note']}" if "note" in line else ""
    print(f"{line['axis']:<60} {line['value']:>12,.2f} {line['unit']}{goal}{note}", flush=True)
    for limit in line["limits"]:
        print(f"    {limit['ratio']:>7.2f} x {limit['name']} ({limit['value']:,.2f})", flush=True)
