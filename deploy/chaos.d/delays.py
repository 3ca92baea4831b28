"""How long after a job's end its waiter knew of it."""

import array
import datetime
import json
import time

from checker import percentile
from history import TERMINAL

LATE_SECONDS = 2.0
# After so long without a signal who waits at the gateway looks for itself (`JobReader.lookAgain`).
LOOK_SECONDS = 5.0


def end_of(job: dict) -> float | None:
    """When it ended, in seconds since 1970. None: it has not."""
    return datetime.datetime.fromisoformat(job["finished_at"]).timestamp() if job["state"] in TERMINAL else None


def end_in(body: bytes) -> float | None:
    return end_of(json.loads(body))


class Delays:
    """One measurement a waiter. A fault's time, and what is left of it after, explains a late answer."""

    def __init__(self):
        self.seconds = array.array("d")
        # Answers that came LATE_SECONDS or more after the end: when that was, and when they came.
        self.late: list[tuple[float, float]] = []
        # Of waiters that were there before the end.
        self.waited = 0

    def note(self, finished: float, asked: float) -> None:
        """`asked`: when the waiter began to wait, however often it had to ask again."""
        now = time.time()
        self.seconds.append(max(0.0, now - finished))
        self.waited += asked < finished
        if now - finished > LATE_SECONDS:
            self.late.append((finished, now))

    def unexplained(self, faults: list[tuple[float, float]]) -> int:
        return sum(
            not any(start < came < end + LATE_SECONDS and ended < end for start, end in faults)
            for ended, came in self.late)

    def figures(self, prefix: str = "") -> dict[str, int | None]:
        ranked = sorted(self.seconds)
        names = {"p50_ms": 0.5, "p99_ms": 0.99, "max_ms": 1}
        found = {name: percentile(ranked, part) for name, part in names.items()}
        return {prefix + name: None if value is None else round(value * 1000) for name, value in found.items()}


def was_own_look(begun: float, finished: float) -> bool:
    """Whether an answer that comes now came because the gateway looked for itself, or the time to wait was over, although
    the job had ended for long: nobody woke its waiter."""
    now = time.time()
    return now - begun >= LOOK_SECONDS - 0.5 and now - max(finished, begun) > LATE_SECONDS
