"""Thousands who wait at one gateway at the same time, half of them by `?wait`, half on a stream."""

import asyncio
import collections
import contextlib
import json
import os
import pathlib
import time

from checker import Verdict
from client import noop
from delays import LATE_SECONDS, Delays, end_in, end_of, was_own_look
from keepalive import BROKEN, Connection
from setting import KEYS, TENANTS, say
from stage import Stage
from stores import wait_for

# The jobs are posted while no worker runs, so that all readers can be there before the first one starts.
SLEEP_MS, PIECES = 10_000, 5
TEXT = "".join(f"{number} " for number in range(1, PIECES + 1))
WAIT_SECONDS = 60
OPENING_SECONDS, ENDING_SECONDS = 90, 150
QUIET_SECONDS, GAP_SECONDS, AWAY_SECONDS = 5, 3, 2
POSTERS, OPENING_AT_ONCE = 50, 500


class Reader:
    """Follows one job to its end."""

    def __init__(
        self, port: int, job: str, tenant: str, opening: asyncio.Semaphore, delays: Delays,
        patience_seconds: float = OPENING_SECONDS + ENDING_SECONDS,
    ):
        self.path, self.opening, self.delays = f"/api/v1/jobs/{job}", opening, delays
        self.patience_seconds = patience_seconds
        self.connection = Connection(port, KEYS[tenant])
        self.asked = time.time()
        # Why it had to ask again.
        self.broken: list[str] = []
        self.finished: float | None = None
        # It got its end late, and only because it looks for itself now and then.
        self.overslept = False
        # What the stream said; a stream may come in parts.
        self.text, self.last = "", None

    async def run(self, follow) -> None:
        with contextlib.closing(self.connection):
            async with asyncio.timeout(self.patience_seconds):
                async with self.opening:
                    await self.connection.open()
                while self.finished is None:
                    try:
                        await follow(self)
                    except BROKEN as error:
                        self.broken.append(repr(error))
                        await asyncio.sleep(0.1)
            self.delays.note(self.finished, self.asked)

    async def wait(self) -> None:
        begun = time.time()
        status, body = await self.connection.ask("GET", f"{self.path}?wait={WAIT_SECONDS}", seconds=WAIT_SECONDS + 30)
        if status != 200:
            raise ConnectionError(f"status {status} instead of a job")
        self.finished = end_in(body)
        self.overslept = self.finished is not None and was_own_look(begun, self.finished)

    async def stream(self) -> None:
        comment = 0.0
        async with contextlib.aclosing(self.connection.events(f"{self.path}/events", self.last)) as events:
            async for id, name, data in events:
                self.last = id or self.last
                if name == "delta":
                    self.text += json.loads(data)["text"]
                elif name in ("attempt", "snapshot"):
                    self.text = json.loads(data).get("text", "")
                elif name == "end":
                    self.finished = end_of(json.loads(data))
                    late = time.time() - max(self.finished or 0, self.asked) > LATE_SECONDS
                    self.overslept = late and time.time() - comment < 0.5 and not self.broken
                elif not name:
                    # Sent whenever the stream has been quiet for long; the row is read after that.
                    comment = time.time()
        if self.finished is None:
            raise ConnectionError("a stream without an end")


class Usage:
    """What the gateway takes, as the kernel counts it."""

    def __init__(self, pid: int):
        self.folder = pathlib.Path(f"/proc/{pid}")
        self.most_mb = 0

    def memory_mb(self) -> int:
        status = (self.folder / "status").read_text()
        kib = next(int(line.split()[1]) for line in status.split("\n") if line.startswith("VmRSS:"))
        self.most_mb = max(self.most_mb, round(kib / 1024))
        return round(kib / 1024)

    def cpu_seconds(self) -> float:
        fields = (self.folder / "stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def files(self) -> int:
        return len(list((self.folder / "fd").iterdir()))

    async def keep(self) -> None:
        while True:
            self.memory_mb()
            await asyncio.sleep(0.25)


async def run(scene: Stage, count: int, start_worker, verdict: Verdict) -> dict:
    """`start_worker()`: of one that can run all jobs at once."""
    usage, delays = Usage(scene.gateway.process.pid), Delays()
    before = {"gateway_rss_before_mb": usage.memory_mb()}
    opening = asyncio.Semaphore(OPENING_AT_ONCE)
    jobs = await _post(scene.gateway.port, count)
    readers = [Reader(scene.gateway.port, job, tenant, opening, delays) for job, tenant in jobs]
    waits, streams = readers[0::2], readers[1::2]
    tasks = [asyncio.create_task(reader.run(Reader.wait)) for reader in waits]
    tasks += [asyncio.create_task(reader.run(Reader.stream)) for reader in streams]
    keeper = asyncio.create_task(usage.keep())
    try:
        figures = await _all_wait(scene, readers, usage) | await _all_end(tasks, start_worker, usage)
    finally:
        for task in (keeper, *tasks):
            task.cancel()
    late = {**delays.figures("readers_"), "readers_late": len(delays.late)}
    failures = [task.exception() for task in tasks]
    return {**judge(readers, streams, failures, verdict), **late, **before, "gateway_rss_mb": usage.most_mb, **figures}


async def _all_wait(scene: Stage, readers: list[Reader], usage: Usage) -> dict:
    started = time.monotonic()
    await _all_listen(scene, len(readers))
    opened = time.monotonic() - started
    say(f"    {len(readers)} readers wait after {opened:.1f} s, {usage.files()} files and {usage.memory_mb()} MB")
    return {
        "readers_open_s": round(opened, 1), "gateway_cpu_quiet_percent": await _quiet_cpu(usage),
        "readers_broken_by_cut": await _broken_by(_cut_signals, scene, readers),
        "readers_broken_by_redis": await _broken_by(_lose_redis, scene, readers),
    }


async def _all_end(tasks: list[asyncio.Task], start_worker, usage: Usage) -> dict:
    started, spent = time.monotonic(), usage.cpu_seconds()
    await start_worker()
    await asyncio.wait(tasks)
    return {
        "readers_end_s": round(time.monotonic() - started, 1),
        "gateway_cpu_s": round(usage.cpu_seconds() - spent, 1),
    }


async def _post(port: int, count: int) -> list[tuple[str, str]]:
    """So many jobs, with their tenants."""
    body = json.dumps(noop(sleep_ms=SLEEP_MS, emit=PIECES)).encode()

    async def some(number: int) -> list[tuple[str, str]]:
        tenant = TENANTS[number % len(TENANTS)]
        with contextlib.closing(Connection(port, KEYS[tenant])) as connection:
            return [(await connection.job(body, OPENING_SECONDS), tenant) for _ in range(number, count, POSTERS)]

    return [job for jobs in await asyncio.gather(*map(some, range(POSTERS))) for job in jobs]


async def _all_listen(scene: Stage, count: int) -> None:
    """Every reader has a channel of its own in Redis, as every job has."""
    async def listen() -> bool:
        return len(await scene.redis.ask("PUBSUB", "CHANNELS", f"{scene.gateway.prefix}:job:*")) >= count

    await wait_for(f"{count} waiting readers", OPENING_SECONDS, listen, pause=0.25)


async def _cut_signals(scene: Stage) -> None:
    await scene.redis.ask("CLIENT", "KILL", "TYPE", "pubsub")


async def _lose_redis(scene: Stage) -> None:
    """Killed, and back a little later, empty: no list holds the readers' jobs any more."""
    await scene.redis.kill()
    await asyncio.sleep(AWAY_SECONDS)
    await scene.redis.restart(keeps_snapshot=False)


async def _broken_by(outage, scene: Stage, readers: list[Reader]) -> int:
    """All readers hear a gap at once, and look for themselves. Gives how often one had to ask again over that."""
    before = sum(len(reader.broken) for reader in readers)
    await outage(scene)
    await asyncio.sleep(GAP_SECONDS)
    await _all_listen(scene, len(readers))
    return sum(len(reader.broken) for reader in readers) - before


async def _quiet_cpu(usage: Usage) -> float:
    """Percent of one core while everybody waits and nothing happens."""
    before, started = usage.cpu_seconds(), time.monotonic()
    await asyncio.sleep(QUIET_SECONDS)
    return round(100 * (usage.cpu_seconds() - before) / (time.monotonic() - started), 1)


def judge(readers: list[Reader], streams: list[Reader], failures: list, verdict: Verdict) -> dict:
    ended = [reader for reader in readers if reader.finished is not None]
    torn = [reader for reader in streams if reader.finished is not None and reader.text != TEXT]
    for failure in {repr(failure) for failure in failures if failure is not None}:
        verdict.objections.append(f"a reader gave up: {failure}")
    if len(ended) < len(readers):
        verdict.objections.append(f"missed: {len(readers) - len(ended)} of {len(readers)} readers got no end")
    if overslept := sum(reader.overslept for reader in readers):
        verdict.objections.append(f"overslept: {overslept} readers were not woken by their job's end")
    for reason, times in collections.Counter(reason for reader in readers for reason in reader.broken).most_common(5):
        say(f"    readers had to ask again {times} times: {reason}")
    for reader in torn[:5]:
        verdict.objections.append(f"torn: {len(torn)} streams, such as {reader.path}: {reader.text!r}")
    return {
        "readers": len(readers), "readers_ended": len(ended), "readers_overslept": overslept,
        "streams_torn": len(torn), "readers_broken": sum(len(reader.broken) for reader in readers),
    }
