"""What one caller waits for when nothing else happens: until its job starts, and until it has the answer."""

import http.client
import json
import time
import urllib.parse

from drain import check_once
from machine import GATEWAY, KEY, QUICK, Wrong, axis, clear, percentile, sql, worker

HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
BODY = b'{"kind":"noop","payload":{}}'


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None, status: int) -> dict:
    connection.request(method, path, body, HEADERS)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != status:
        raise Wrong(f"{method} {path}: status {answer.status}: {content[:300]!r}")
    return json.loads(content)


def round_trip(connection: http.client.HTTPConnection) -> float:
    """Milliseconds from sending the job to holding its result."""
    started = time.perf_counter()
    job = ask(connection, "POST", "/api/v1/jobs", BODY, 202)
    while job["state"] != "succeeded":
        if job["state"] in ("failed", "cancelled"):
            raise Wrong(f"a job ended as {job['state']}: {job['failure']}")
        job = ask(connection, "GET", f"/api/v1/jobs/{job['id']}?wait=25", None, 200)
    return (time.perf_counter() - started) * 1000


def measure(limits: dict) -> list[dict]:
    clear()
    jobs = 300 if QUICK else 1000
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(GATEWAY).netloc, timeout=60)
    with worker():
        for _ in range(20):
            round_trip(connection)
        answers = []
        for _ in range(jobs):
            time.sleep(0.005)  # the system is idle again when the next job comes
            answers.append(round_trip(connection))
    check_once(jobs + 20)
    rows = sql(f"SELECT extract(epoch FROM started_at - created_at) * 1000 FROM jobs ORDER BY seq DESC LIMIT {jobs}")
    starts = [float(row) for row in rows.splitlines()]
    lines = []
    for name, values, goal in (("enqueue to start", starts, "5 ms"), ("enqueue to answer", answers, None)):
        for label, share in (("p50", 0.5), ("p99", 0.99)):
            compared = {
                "redis-benchmark LPUSH, 1 client": limits["redis single"][label],
                "pgbench, 1 client": limits["postgres single"][label],
            }
            more = {"goal": goal} if goal and label == "p99" else {}
            lines.append(axis(f"{name}, idle, {label}", percentile(values, share), "ms", compared, **more))
    return lines
