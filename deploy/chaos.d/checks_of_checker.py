"""The checker is checked: each doctored history must draw an objection under the right heading, a clean one none."""

import copy

from checker import judge
from client import Request
from history import Batch, Change, History, Job, Schedule
from setting import TENANTS


def clean() -> History:
    """A plain job, two of one ordering key, a chat answer rescued from a dead worker, and the callback of
    a batch of two. A schedule takes that callback for its own: one job and one tick made good, of two.
    """
    tenant = TENANTS[0]
    jobs = [
        Job("a", "succeeded", "noop", tenant, None, None, None),
        Job("b", "succeeded", "noop", tenant, "noop:k", "k", None),
        Job("c", "succeeded", "noop", tenant, "noop:k", "k2", None),
        Job("d", "succeeded", "chat.answer", tenant, "conversation:x", None, None),
    ]
    callback = Job("e", "succeeded", "noop", tenant, None, "called", None)
    steps = [(job.id, None, "queued", 0, None) for job in jobs]
    steps += [("d", "queued", "running", 1, "w1")]
    for job in "abc":
        steps += [(job, "queued", "running", 1, "w2"), (job, "running", "succeeded", 1, None)]
    steps += [("e", None, "queued", 0, None), ("e", "queued", "running", 1, "w2")]
    steps += [("e", "running", "succeeded", 1, None)]
    steps += [("d", "running", "queued", 1, None), ("d", "queued", "running", 2, "w2")]
    steps += [("d", "running", "succeeded", 2, None)]
    changes = [Change(number, 100.0 + number, *step) for number, step in enumerate(steps)]
    requests = [
        Request("/", {}, tenant, f"key-{job.id}", job.marker, 100.0 + number, 1, [job.id], [job.id], 100.1 + number)
        for number, job in enumerate(jobs)
    ]
    workers = [("w1", 11, 99.0), ("w2", 12, 99.0)]
    requests[0].makes = 2
    requests[0].body = {"callback": {"payload": {"key": "called"}}}
    batches = [Batch("batch", True, "e", True, ["a", "b"])]
    schedules = [Schedule("called", 103.0, 1, 101.0)]
    rows = {job.id: job for job in [*jobs, callback]}
    return History(requests, rows, changes, {"d": 1}, workers, [(105.5, 11)], [], batches, schedules)


def lost_row(history: History) -> None:
    del history.jobs["a"]


def lost_end(history: History) -> None:
    history.jobs["b"].state = "queued"


def stuck_unseen(history: History) -> None:
    """A job whose 202 never arrived is nobody's loss, but it must end all the same."""
    history.jobs["a"].state = "running"
    history.requests[0].jobs.clear()


def second_end(history: History) -> None:
    history.changes.append(Change(50, 150.0, "a", "running", "succeeded", 1, None))


def changed_end(history: History) -> None:
    history.changes.append(Change(50, 150.0, "a", "succeeded", "succeeded", 1, None, ["result"]))


def revived_end(history: History) -> None:
    history.changes.append(Change(50, 150.0, "a", "succeeded", "queued", 1, None, ["state"]))


def two_jobs_of_a_key(history: History) -> None:
    history.requests[0].made += ["a", "b"]


def two_rows_of_a_request(history: History) -> None:
    history.jobs["c"].marker = "k"


def surplus_row(history: History) -> None:
    history.requests.pop(0)


def move(history: History, job: str, new: str, place: int) -> None:
    """That change of that job happened at another time."""
    change = next(change for change in history.changes if change.job == job and change.new == new)
    history.changes.remove(change)
    history.changes.insert(place, change)


def overlap(history: History) -> None:
    """c starts while b runs."""
    move(history, "c", "running", next(i for i, change in enumerate(history.changes) if str(change.new) == "succeeded"
                                       and change.job == "b"))


def wrong_order(history: History) -> None:
    """c runs before b has started."""
    for state in ("succeeded", "running"):
        move(history, "c", state, 4)


def attempt_twice(history: History) -> None:
    history.changes[-2].attempt = history.changes[-1].attempt = 1


def stolen(history: History) -> None:
    """A claim of what another worker runs."""
    history.changes[-3].new = "running"


def success_without_start(history: History) -> None:
    history.changes = [change for change in history.changes if change.job != "a" or change.new != "running"]


def answer_gone(history: History) -> None:
    history.answers.clear()


def answer_twice(history: History) -> None:
    history.answers["d"] = 2


def batch_left_open(history: History) -> None:
    history.batches[0].is_finished = False


def no_callback(history: History) -> None:
    history.batches[0].callback = None


def early_callback(history: History) -> None:
    history.batches[0].jobs.append("d")


def second_callback(history: History) -> None:
    history.jobs["c"].marker = "called"


def tick_lost(history: History) -> None:
    history.schedules[0].next_at += 1


def tick_twice(history: History) -> None:
    history.schedules[0].coalesced += 1


def met(history: History) -> None:
    """Not to be objected to: b and c were asked for at once, and c was committed and ran first."""
    wrong_order(history)
    history.requests[2].sent = 100.9


def cancelled_unasked(history: History) -> None:
    history.jobs["a"].state = "cancelled"


def started_though_cancelled(history: History) -> None:
    history.requests[3].asked_to_cancel, history.requests[3].cancelled = True, 105.0


DOCTORED = {
    lost_row: "lost", lost_end: "lost", stuck_unseen: "stuck", second_end: "duplicate_effects",
    changed_end: "duplicate_effects", revived_end: "duplicate_effects", two_jobs_of_a_key: "duplicate_effects",
    two_rows_of_a_request: "duplicate_effects", surplus_row: "duplicate_effects", overlap: "duplicate_effects",
    wrong_order: "duplicate_effects", attempt_twice: "duplicate_effects", stolen: "duplicate_effects",
    success_without_start: "duplicate_effects", answer_gone: "lost", answer_twice: "duplicate_effects",
    batch_left_open: "stuck", no_callback: "lost", early_callback: "duplicate_effects",
    second_callback: "duplicate_effects", tick_lost: "lost", tick_twice: "duplicate_effects",
    cancelled_unasked: "cancelled", started_though_cancelled: "cancel",
}


def run() -> list[str]:
    """What the checker got wrong."""
    wrong = []
    verdict = judge(clean())
    if verdict.objections:
        wrong.append(f"objected to a clean history: {verdict.objections}")
    if (verdict.accepted, verdict.succeeded, verdict.handler_runs) != (4, 5, 6):
        wrong.append(f"counted wrongly: {verdict}")
    if verdict.recoveries != [9.5]:
        wrong.append(f"found the recoveries {verdict.recoveries}, not 9.5 s")
    met(history := clean())
    if objections := judge(history).objections:
        wrong.append(f"objected to two requests that met: {objections}")
    for doctor, heading in DOCTORED.items():
        history = copy.deepcopy(clean())
        doctor(history)
        found = judge(history)
        if not any(text.startswith(f"{heading}: ") for text in found.objections):
            wrong.append(f"did not object to {doctor.__name__} as {heading}: {found.objections}")
    return wrong
