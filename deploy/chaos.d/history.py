"""What happened: the client's log, the jobs' rows, and the audit's record of every change."""

import dataclasses
import json
import pathlib

import pgwire
from client import Client, Request

TERMINAL = ("succeeded", "failed", "cancelled")

JOBS = "SELECT (to_jsonb(jobs) - 'result')::text FROM jobs"
CHANGES = """
SELECT id, extract(epoch FROM at), job, from_state, to_state, attempt, worker, array_to_string(touched, ',')
FROM chaos.changes ORDER BY id
"""
# Tables that older programs do not have are read as empty.
BATCHES = """
SELECT id, callback IS NOT NULL, callback_job_id, finished_at IS NOT NULL,
       (SELECT array_to_string(array_agg(jobs.id), ',') FROM jobs WHERE batch_id = batches.id) FROM batches
"""
# Errand's own schedules belong to the operators, whose tenant is all zeros; the client has not asked for them.
SCHEDULES = (
    "SELECT name, extract(epoch FROM next_at), coalesced FROM schedules "
    "WHERE tenant_id <> '00000000-0000-0000-0000-000000000000'"
)
ANSWERS = "SELECT job_id, count(*) FROM messages WHERE role = 'assistant' GROUP BY 1"
WORKERS = "SELECT id, pid, extract(epoch FROM at) FROM chaos.workers ORDER BY at"


@dataclasses.dataclass
class Job:
    """A row of the table, as the engine left it."""

    id: str
    state: str
    kind: str
    tenant: str
    ordering_key: str | None
    # The payload's `key`: a request's marker.
    marker: str | None
    failure: str | None

    @classmethod
    def read(cls, text: str) -> "Job":
        row = json.loads(text)
        return cls(
            row["id"], row["state"], row["kind"], row["tenant_id"], row.get("ordering_key"),
            row["payload"].get("key"), (row.get("failure") or {}).get("code"),
        )


@dataclasses.dataclass
class Change:
    """One committed change of one row. `to` is None when the row was deleted."""

    number: int
    at: float
    job: str
    old: str | None
    new: str | None
    attempt: int | None
    worker: str | None
    touched: list[str] | None = None

    @property
    def is_start(self) -> bool:
        return self.new == "running" and self.touched is None

    def __str__(self) -> str:
        what = f"{self.old or 'new'} -> {self.new or 'deleted'}, attempt {self.attempt}"
        return f"#{self.number} {what}" + (f", touched {','.join(self.touched)}" if self.touched else "")


@dataclasses.dataclass
class Batch:
    id: str
    has_callback: bool
    callback: str | None
    is_finished: bool
    jobs: list[str]


@dataclasses.dataclass
class Schedule:
    """Ticks come every second from `first_at` on; those before `next_at` have been answered for."""

    name: str
    next_at: float
    # Ticks that another tick's job made good.
    coalesced: int
    first_at: float = 0.0


@dataclasses.dataclass
class History:
    requests: list[Request]
    jobs: dict[str, Job]
    changes: list[Change]
    # How many assistant messages each job left.
    answers: dict[str, int]
    # The worker's id, its process and when it registered.
    workers: list[tuple[str, int, float]]
    # (when, process) of every kill -9 of a worker.
    kills: list[tuple[float, int]] = dataclasses.field(default_factory=list)
    refused: list[str] = dataclasses.field(default_factory=list)
    batches: list[Batch] = dataclasses.field(default_factory=list)
    schedules: list[Schedule] = dataclasses.field(default_factory=list)

    def write(self, file: pathlib.Path) -> None:
        """For a person who wants to know what happened."""
        lines = [f"request {asked.key or '-'} accepted {asked.accepted} as {asked.made}" for asked in self.requests]
        jobs = self.jobs.values()
        lines += [f"job {job.id} {job.state} {job.ordering_key or ''} {job.failure or ''}" for job in jobs]
        lines += [f"worker {worker} process {pid} registered {at}" for worker, pid, at in self.workers]
        lines += [f"kill -9 of process {pid} at {at}" for at, pid in self.kills]
        lines += [f"{change.at:.6f} job {change.job} {change} worker {change.worker}" for change in self.changes]
        file.write_text("\n".join(lines) + "\n")

    def of(self, job: str) -> list[Change]:
        return [change for change in self.changes if change.job == job]


async def read(store: pgwire.Client, client: Client, kills: list[tuple[float, int]]) -> History:
    jobs = [Job.read(text) for [text] in await store.query(JOBS)]
    changes = [
        Change(int(number), float(at), job, old, new, int(attempt) if attempt else None, worker,
               touched.split(",") if touched is not None else None)
        for number, at, job, old, new, attempt, worker, touched in await store.query(CHANGES)
    ]
    answers = {job: int(count) for job, count in await store.query(ANSWERS)}
    workers = [(worker, int(pid or 0), float(at)) for worker, pid, at in await store.query(WORKERS)]
    batches = [
        Batch(id, has_callback == "t", callback, finished == "t", own.split(",") if own else [])
        for id, has_callback, callback, finished, own in await _rows(store, "batches", BATCHES)
    ]
    schedules = [
        Schedule(name, float(next_at), int(coalesced), client.first_ticks.get(name, 0.0))
        for name, next_at, coalesced in await _rows(store, "schedules", SCHEDULES)
    ]
    return History(
        client.requests, {job.id: job for job in jobs}, changes, answers, workers, kills, list(client.refused),
        batches, schedules,
    )


async def _rows(store: pgwire.Client, table: str, sql: str) -> list[list[str | None]]:
    [[there]] = await store.query(f"SELECT to_regclass('{table}') IS NOT NULL")
    return await store.query(sql) if there == "t" else []
