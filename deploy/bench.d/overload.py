"""What becomes of a gateway that is asked for two and four times what it can do: the latency of what it accepts.

Needs `hey` (a Debian package), BENCH_GATEWAY_URL and BENCH_KEY; the gateway's rate limits have to be off or wide. First
its capacity with as many connections as keep it busy, then several times that rate, each from more connections than it
may work on at once. The first three seconds, in which all of these connect at once, are not looked at. One JSON object a line; the status is 1 when the 99th percentile of what is accepted passes the
bound, or when nothing is accepted.
"""

import csv
import io
import json
import os
import subprocess
import sys

URL = os.environ["BENCH_GATEWAY_URL"] + "/api/v1/jobs"
KEY = os.environ["BENCH_KEY"]
SECONDS = int(os.environ.get("BENCH_SECONDS", "10"))
WARM_UP = 3
CONNECTIONS = int(os.environ.get("BENCH_OVERLOAD_CONNECTIONS", "2000"))
BOUND_MS = float(os.environ.get("BENCH_OVERLOAD_BOUND_MS", "1000"))


def hey(connections: int, rate: float | None) -> list[tuple[float, int]]:
    """Seconds and status of every request."""
    command = ["hey", "-z", f"{SECONDS + WARM_UP}s", "-c", str(connections), "-t", "30", "-o", "csv", "-m", "POST"]
    command += ["-T", "application/json", "-H", f"Authorization: Bearer {KEY}", "-d", '{"kind":"noop","payload":{}}']
    if rate:
        command += ["-q", f"{rate / connections:.3f}"]
    output = subprocess.run(command + [URL], capture_output=True, text=True, timeout=SECONDS * 4 + 90, check=True)
    rows = csv.DictReader(io.StringIO(output.stdout))
    return [
        (float(row["response-time"]), int(row["status-code"])) for row in rows if float(row["offset"]) >= WARM_UP
    ]


def percentile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def line(name: str, answers: list[tuple[float, int]]) -> dict:
    accepted = [seconds for seconds, status in answers if status == 202]
    shed = [seconds for seconds, status in answers if status == 503]
    found = {"load": name, "asked_per_second": round(len(answers) / SECONDS)}
    found |= {"accepted_per_second": round(len(accepted) / SECONDS), "shed_per_second": round(len(shed) / SECONDS)}
    found |= {"others": len(answers) - len(accepted) - len(shed)}
    for title, values in (("accepted", accepted), ("shed", shed)):
        if values:
            found |= {f"{title}_p{p}_ms": round(percentile(values, p / 100) * 1000, 1) for p in (50, 99)}
    print(json.dumps(found), flush=True)
    return found


def main() -> int:
    hey(32, None)
    quiet = line("capacity", hey(64, None))
    failed = False
    for factor in (2, 4):
        found = line(f"x{factor}", hey(CONNECTIONS, quiet["accepted_per_second"] * factor))
        failed |= found["accepted_per_second"] == 0 or found["accepted_p99_ms"] > BOUND_MS
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
