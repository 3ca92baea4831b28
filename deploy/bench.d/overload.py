"""What becomes of a gateway of its own that is asked for two and four times what it can do: how many jobs it still
accepts, and how long these take.

First its capacity, with as many connections as keep it busy; then several times that rate, from more connections than
it works on at once. The first three seconds, in which all of these connect, are not looked at. `hey` is a Debian package.
"""

import csv
import io
import subprocess

from callers import UNCOUNTED, gateway
from machine import KEY, QUICK, axis, percentile, sql

SECONDS = 6 if QUICK else 12
WARM_UP = 3
#: More of them than 64 fill the groups in which jobs are committed.
CAPACITY_CALLERS = 512
CALLERS = 3000
BOUND_MS = 1000


def hey(base: str, connections: int, rate: float | None = None) -> list[tuple[float, int]]:
    """Seconds and status of every request."""
    command = ["hey", "-z", f"{SECONDS + WARM_UP}s", "-c", str(connections), "-t", "30", "-o", "csv", "-m", "POST"]
    command += ["-T", "application/json", "-H", f"Authorization: Bearer {KEY}", "-d", '{"kind":"noop","payload":{}}']
    if rate:
        command += ["-q", f"{rate / connections:.3f}"]
    output = subprocess.run(command + [base + "/api/v1/jobs"], capture_output=True, text=True, timeout=SECONDS * 4 + 90, check=True)
    rows = csv.DictReader(io.StringIO(output.stdout))
    return [
        (float(row["response-time"]), int(row["status-code"])) for row in rows if float(row["offset"]) >= WARM_UP
    ]


def line(name: str, answers: list[tuple[float, int]], quiet: float | None) -> dict:
    accepted = [seconds * 1000 for seconds, status in answers if status == 202]
    shed = [seconds * 1000 for seconds, status in answers if status == 503]
    rate, p99 = len(accepted) / SECONDS, percentile(accepted or [float("inf")], 0.99)
    found = {"asked_per_second": round(len(answers) / SECONDS), "shed_per_second": round(len(shed) / SECONDS)}
    found |= {"others": len(answers) - len(accepted) - len(shed), "accepted_p50_ms": round(percentile(accepted, 0.5), 1)}
    found |= {"accepted_p99_ms": round(p99, 1)}
    if shed:
        found["shed_p99_ms"] = round(percentile(shed, 0.99), 1)
    if quiet is None:
        return axis(name, rate, "jobs/s", {}, **found)
    goal = {"goal": f"half of the capacity, p99 {BOUND_MS} ms", "met": rate >= quiet / 2 and p99 <= BOUND_MS}
    note = f"{found['asked_per_second']} asked, {found['shed_per_second']} shed, p99 of the accepted {p99:.0f} ms"
    return axis(name, rate, "jobs/s", {"capacity": quiet}, **goal, **found, note=note)


def measure(limits: dict) -> list[dict]:
    with gateway("overloaded-gateway", UNCOUNTED | {"HTTP_MAX_CONNECTIONS_PER_ADDRESS": str(2 * CALLERS)}) as base:
        hey(base, CAPACITY_CALLERS)
        lines = [line(f"accept by {CAPACITY_CALLERS} callers, for overload", hey(base, CAPACITY_CALLERS), None)]
        quiet = lines[0]["value"]
        for factor in (2, 4):
            sql("CHECKPOINT")
            answers = hey(base, CALLERS, quiet * factor)
            lines.append(line(f"accept, {factor} x capacity asked by {CALLERS} callers", answers, quiet))
        return lines
