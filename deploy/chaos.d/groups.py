"""Judges what makes several jobs: batches, whose callback comes once and last, and schedules, whose ticks all count."""

import typing

from history import TERMINAL, Batch, Change, History, Schedule

if typing.TYPE_CHECKING:
    from checker import Verdict


def check(history: History, changes: dict[str, list[Change]], verdict: "Verdict") -> None:
    for batch in history.batches:
        _check_batch(batch, history, changes, verdict)
    for schedule in history.schedules:
        _check_schedule(schedule, history, verdict)
    _check_callbacks(history, verdict)


def _check_batch(batch: Batch, history: History, changes: dict[str, list[Change]], verdict: "Verdict") -> None:
    if not batch.is_finished:
        verdict.object("stuck", f"batch {batch.id} is not finished, its jobs have ended")
    elif batch.has_callback and batch.callback not in history.jobs:
        verdict.object("lost", f"batch {batch.id} called nobody back")
    elif batch.callback in changes:
        born = changes[batch.callback][0].number
        ends = {job: [change.number for change in changes.get(job, []) if change.new in TERMINAL] for job in batch.jobs}
        if late := [job for job, numbers in ends.items() if not numbers or numbers[0] > born]:
            verdict.object("duplicate_effects", f"batch {batch.id} called back before {late} had ended")


def _check_callbacks(history: History, verdict: "Verdict") -> None:
    """Found by what the request asked to be called back with: a second one would be in no batch's row."""
    for request in history.requests:
        if callback := request.body.get("callback"):
            marker = callback["payload"]["key"]
            rows = [job.id for job in history.jobs.values() if job.marker == marker]
            if len(rows) > 1:
                verdict.object("duplicate_effects", f"a batch called back {len(rows)} times: {rows}")


def _check_schedule(schedule: Schedule, history: History, verdict: "Verdict") -> None:
    """Each tick is answered for by one job, and each job answers for one tick and those it made good."""
    ticks = round(schedule.next_at - schedule.first_at)
    jobs = sum(job.marker == schedule.name for job in history.jobs.values())
    if jobs + schedule.coalesced > ticks:
        text = f"{jobs} jobs and {schedule.coalesced} coalesced for {ticks} ticks"
        verdict.object("duplicate_effects", f"schedule {schedule.name}: {text}")
    elif jobs + schedule.coalesced < ticks:
        text = f"only {jobs} jobs and {schedule.coalesced} coalesced for {ticks} ticks"
        verdict.object("lost", f"schedule {schedule.name}: {text}")
