"""Judges a history. Knows the promises of README and nothing of how the engine keeps them."""

import collections
import dataclasses
import math

import groups
from history import TERMINAL, Change, History

# A wish to cancel that was answered with 2xx is in the row; a claim under way at that moment may still go through.
CANCEL_SECONDS = 2


@dataclasses.dataclass
class Verdict:
    accepted: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    lost: int = 0
    stuck: int = 0
    handler_runs: int = 0
    duplicate_effects: int = 0
    recoveries: list[float] = dataclasses.field(default_factory=list)
    # What is wrong, in words.
    objections: list[str] = dataclasses.field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.objections

    def object(self, heading: str, text: str) -> None:
        setattr(self, heading, getattr(self, heading) + 1)
        self.objections.append(f"{heading}: {text}")

    def add(self, other: "Verdict") -> None:
        for field in dataclasses.fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


def judge(history: History) -> Verdict:
    """The system must be at rest: whatever has not ended now never will."""
    verdict = Verdict(handler_runs=sum(change.is_start for change in history.changes))
    for job in history.jobs.values():
        if job.state in TERMINAL:
            setattr(verdict, job.state, getattr(verdict, job.state) + 1)
        else:
            verdict.object("stuck", f"job {job.id} is {job.state}")
    changes: dict[str, list[Change]] = collections.defaultdict(list)
    for change in history.changes:
        changes[change.job].append(change)
    _check_accepted(history, verdict)
    _check_requests(history, verdict)
    for job, own in changes.items():
        _check_ends(job, own, verdict)
        _check_attempts(job, own, verdict)
    _check_order(history, changes, verdict)
    _check_answers(history, verdict)
    groups.check(history, changes, verdict)
    _check_cancellations(history, changes, verdict)
    verdict.recoveries = recoveries(history, changes)
    for refusal in history.refused:
        verdict.objections.append(f"refused: {refusal}")
    return verdict


def _check_accepted(history: History, verdict: Verdict) -> None:
    """202 means durable, and that it ends."""
    promised = {job for request in history.requests for job in request.jobs}
    verdict.accepted = len(promised)
    for job in sorted(promised):
        row = history.jobs.get(job)
        if row is None:
            verdict.object("lost", f"job {job} was accepted and has no row")
        elif row.state not in TERMINAL:
            verdict.object("lost", f"job {job} was accepted and did not end: {row.state}")


def _check_requests(history: History, verdict: Verdict) -> None:
    """A request makes one job at the most, however often it was sent."""
    rows = collections.Counter(job.marker for job in history.jobs.values() if job.marker)
    for request in history.requests:
        if len(set(request.made)) > 1:
            verdict.object("duplicate_effects", f"one Idempotency-Key gave {sorted(set(request.made))}")
        elif request.marker and rows[request.marker] > 1:
            verdict.object("duplicate_effects", f"one request ({request.marker}) left {rows[request.marker]} rows")
    most = sum(request.makes for request in history.requests)
    if len(history.jobs) > most:
        verdict.object("duplicate_effects", f"requests for {most} jobs left {len(history.jobs)} rows")


def _check_ends(job: str, changes: list[Change], verdict: Verdict) -> None:
    """One terminal state, once, and after it nothing."""
    ends = 0
    for change in changes:
        if change.old in TERMINAL:
            verdict.object("duplicate_effects", f"job {job} changed after its end: {change}")
        elif change.new in TERMINAL:
            ends += 1
    if ends > 1:
        verdict.object("duplicate_effects", f"job {job} ended {ends} times")
    last = [change for change in changes if change.new in TERMINAL]
    if last and last[-1].new == "succeeded" and not any(change.is_start for change in changes):
        verdict.object("duplicate_effects", f"job {job} succeeded without a start")


def _check_attempts(job: str, changes: list[Change], verdict: Verdict) -> None:
    """The attempt is the fence: it never goes down, and no two starts share one."""
    highest = 0
    for change in changes:
        attempt = change.attempt or 0
        if attempt < highest and change.new is not None:
            verdict.object("duplicate_effects", f"job {job} went from attempt {highest} back to {attempt}")
        elif change.is_start and change.old != "running" and attempt <= highest:
            verdict.object("duplicate_effects", f"job {job} started attempt {attempt} twice")
        elif change.is_start and change.old == "running":
            verdict.object("duplicate_effects", f"job {job} went from one running attempt to another: {change}")
        highest = max(highest, attempt)


def _check_order(history: History, changes: dict[str, list[Change]], verdict: Verdict) -> None:
    """Of one ordering key one job at a time runs, and none before an earlier one has ended."""
    key_of = {job.id: (job.tenant, job.ordering_key) for job in history.jobs.values() if job.ordering_key}
    seen = _first_seen(history, changes)
    sent = {job: request.sent for request in history.requests for job in request.jobs}
    unfinished: dict[tuple[str, str], set[str]] = collections.defaultdict(set)
    running: dict[tuple[str, str], set[str]] = collections.defaultdict(set)
    for change in history.changes:
        if change.job not in key_of:
            continue
        key = key_of[change.job]
        if change.is_start:
            asked = sent.get(change.job, -math.inf)
            earlier = {job for job in unfinished[key] if seen.get(job, math.inf) < asked}
            _check_start(change, earlier - {change.job}, running[key] - {change.job}, verdict)
        (running[key].add if change.new == "running" else running[key].discard)(change.job)
        (unfinished[key].discard if change.new in (*TERMINAL, None) else unfinished[key].add)(change.job)


def _first_seen(history: History, changes: dict[str, list[Change]]) -> dict[str, float]:
    """When a job's row was certainly committed: the client had its 202, or a later transaction changed it.

    A request that was sent later comes later. Of two that were under way at once, either may be the first.
    """
    seen = {job: own[1].at for job, own in changes.items() if len(own) > 1}
    for request in history.requests:
        if request.jobs and request.accepted:
            seen[request.jobs[0]] = min(request.accepted, seen.get(request.jobs[0], math.inf))
    return seen


def _check_start(change: Change, earlier: set[str], beside: set[str], verdict: Verdict) -> None:
    if beside:
        verdict.object("duplicate_effects", f"job {change.job} started while {sorted(beside)} of its key ran: {change}")
    elif earlier:
        text = f"job {change.job} started before {sorted(earlier)} of its key ended: {change}"
        verdict.object("duplicate_effects", text)


def _check_answers(history: History, verdict: Verdict) -> None:
    """A chat job that succeeded left its one message; any other left one at the most."""
    for job in history.jobs.values():
        if job.kind != "chat.answer":
            continue
        answers = history.answers.get(job.id, 0)
        if answers > 1:
            verdict.object("duplicate_effects", f"chat job {job.id} left {answers} answers")
        elif job.state == "succeeded" and answers == 0:
            verdict.object("lost", f"chat job {job.id} succeeded and its answer is nowhere")


def _check_cancellations(history: History, changes: dict[str, list[Change]], verdict: Verdict) -> None:
    """Nothing is cancelled unasked, and no attempt begins long after the wish was taken."""
    asked = {job for request in history.requests if request.asked_to_cancel for job in request.jobs}
    for job in history.jobs.values():
        if job.state == "cancelled" and job.id not in asked:
            verdict.objections.append(f"cancelled: job {job.id}, which nobody asked for")
    for request in history.requests:
        for job in set(request.jobs) if request.cancelled else ():
            late = [change for change in changes.get(job, []) if change.at > request.cancelled + CANCEL_SECONDS]
            if starts := [change for change in late if change.is_start]:
                verdict.objections.append(f"cancel: job {job} started all the same: {starts[0]}")


def recoveries(history: History, changes: dict[str, list[Change]]) -> list[float]:
    """Seconds from a worker's kill -9 to the next start of each job it was running."""
    seconds = []
    for at, pid in history.kills:
        owners = {worker for worker, process, registered in history.workers if process == pid and registered < at}
        for own in changes.values():
            seconds += _after(at, owners, own)
    return seconds


def _after(at: float, owners: set[str], changes: list[Change]) -> list[float]:
    held = None
    for change in changes:
        if change.at > at:
            break
        held = change
    if held is None or held.new != "running" or held.worker not in owners:
        return []
    return next(([change.at - at] for change in changes if change.at > at and change.is_start), [])


def percentile(values: list[float], share: float) -> float | None:
    """The value that at least `share` of the values do not exceed."""
    if not values:
        return None
    return round(sorted(values)[max(0, math.ceil(share * len(values)) - 1)], 3)
