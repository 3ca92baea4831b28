"""What one caller waits for when nothing else happens: until its job starts, and until it has the answer."""

import time

from drain import check_once
from machine import QUICK, Wrong, axis, clear, percentile, sql, worker
from posts import Client, noop


def round_trip(client: Client) -> float:
    """Milliseconds from sending the job to holding its result."""
    started = time.perf_counter()
    job = client.post(noop())
    while job["state"] != "succeeded":
        if job["state"] in ("failed", "cancelled"):
            raise Wrong(f"a job ended as {job['state']}: {job['failure']}")
        job = client.ask("GET", f"/api/v1/jobs/{job['id']}?wait=25", None, 200)
    return (time.perf_counter() - started) * 1000


def measure(limits: dict) -> list[dict]:
    clear()
    jobs = 300 if QUICK else 1000
    client = Client()
    with worker():
        for _ in range(20):
            round_trip(client)
        answers = []
        for _ in range(jobs):
            time.sleep(0.005)  # the system is idle again when the next job comes
            answers.append(round_trip(client))
    check_once(jobs + 20)
    rows = sql(f"SELECT extract(epoch FROM started_at - created_at) * 1000 FROM jobs ORDER BY seq DESC LIMIT {jobs}")
    starts = [float(row) for row in rows.splitlines()]
    lines = []
    for name, values, goal in (("enqueue to start", starts, 5), ("enqueue to answer", answers, None)):
        for label, share in (("p50", 0.5), ("p99", 0.99)):
            compared = {
                "redis-benchmark LPUSH, 1 client": limits["redis single"][label],
                "pgbench, 1 client": limits["postgres single"][label],
            }
            value = percentile(values, share)
            more = {"goal": f"{goal} ms", "met": value <= goal} if goal and label == "p99" else {}
            lines.append(axis(f"{name}, idle, {label}", value, "ms", compared, **more))
    return lines
