"""A waiter for every job: it gets to know the job's end, whatever happens to Redis and to the gateway."""

import asyncio
import contextlib
import json
import random
import resource
import signal
import time

import readers
from boundary import Watch
from checker import Verdict
from client import noop
from delays import Delays, end_in, was_own_look
from keepalive import BROKEN, Connection
from outages import Outages
from programs import Gateway, Program, Worker, listens
from setting import KEYS, TENANTS, Wrong, say
from stage import Stage, stage
from stores import RedisServer, wait_for

CONNECTIONS, CONCURRENCY = 64, 64
# Some end before their waiter comes, some while it comes, some when it has been there for a while.
SLEEPS_MS = (0, 0, 0, 5, 20, 50, 100, 150)
# Descriptors beside those of the readers.
OTHER_FILES = 1000


class Straight:
    """In a proxy's place: the store itself. The suite's own proxies could not carry thousands of clients."""

    def __init__(self, port: int):
        self.port = port

    async def start(self) -> None:
        """Nothing is in between."""

    stop = start


class StraightGateway(Gateway):
    may_end = True

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.proxies = [Straight(proxy.upstream) for proxy in self.proxies]
        self.settings["DATABASE_POOL_SIZE"] = "8"


class StraightWorker(Worker):
    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.proxies = [Straight(proxy.upstream) for proxy in self.proxies]
        self.settings["DATABASE_POOL_SIZE"] = "8"


class Waiters:
    """Clients, each in a loop: a job, and its end."""

    def __init__(self, port: int, jobs: int, seed: int, wait_seconds: int = 25, patience_seconds: float = 120):
        """`patience_seconds`: a waiter that knows nothing after so long never will."""
        self.port, self.jobs, self.chance = port, jobs, random.Random(seed)
        self.wait_seconds, self.patience_seconds = wait_seconds, patience_seconds
        # Until then nobody stops, even if all jobs have been posted.
        self.may_stop = True
        self.begun = self.ended = self.broken = 0
        # Waits that nobody woke.
        self.overslept = 0
        self.missed: list[str] = []
        self.delays = Delays()

    async def run(self) -> None:
        await asyncio.gather(*(self._client(number) for number in range(CONNECTIONS)))

    async def _client(self, number: int) -> None:
        connection = Connection(self.port, KEYS[TENANTS[number % len(TENANTS)]])
        with contextlib.closing(connection):
            while self.begun < self.jobs or not self.may_stop:
                self.begun += 1
                body = json.dumps(noop(sleep_ms=self.chance.choice(SLEEPS_MS))).encode()
                await self._wait(connection, await connection.job(body, self.patience_seconds))
                self.ended += 1
            self.broken += connection.broken

    async def _wait(self, connection: Connection, job: str) -> None:
        asked = time.time()
        while time.time() < asked + self.patience_seconds:
            begun = time.time()
            try:
                path = f"/api/v1/jobs/{job}?wait={self.wait_seconds}"
                status, body = await connection.ask("GET", path, seconds=self.wait_seconds + 15)
            except BROKEN:
                self.broken += 1
                await asyncio.sleep(0.05)
                continue
            if status == 200 and (finished := end_in(body)):
                self._note(finished, asked, begun)
                return
            await asyncio.sleep(0 if status == 200 else 0.1)
        self.missed.append(job)

    def _note(self, finished: float, asked: float, begun: float) -> None:
        self.delays.note(finished, asked)
        self.overslept += was_own_look(begun, finished)


def allow_files(count: int) -> None:
    """For this process and those it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= count:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, max(hard, count)))
    except (ValueError, OSError) as error:
        raise Wrong(f"{count} open files are needed, this machine allows {hard}: {error}") from error


async def run(seed: int, jobs: int, readers_count: int) -> tuple[Verdict, dict]:
    allow_files(readers_count + OTHER_FILES)
    redis = RedisServer("redis-waiters")
    await redis.start()
    try:
        async with stage("waiters", redis, Watch(), None) as scene:
            # The record of every change would be most of the work, and nobody reads it here.
            await scene.store.query("DROP TRIGGER chaos_witness ON jobs")
            gateway = scene.gateway = await scene.add(StraightGateway, "gateway")
            await wait_for("the gateway", 30, lambda: listens(gateway.port))
            return await _run(scene, seed, jobs, readers_count)
    finally:
        await redis.remove()


async def _run(scene: Stage, seed: int, jobs: int, readers_count: int) -> tuple[Verdict, dict]:
    verdict = Verdict()
    worker = await start_worker(scene, "worker", CONCURRENCY)
    figures = await _wait_for_all(scene, Waiters(scene.gateway.port, jobs, seed), verdict)
    scene.buried.add(worker.name)
    worker.signal(signal.SIGTERM)
    await worker.process.wait()
    figures |= await readers.run(scene, readers_count, lambda: start_worker(scene, "sleeper", readers_count), verdict)
    await _check_rows(scene, verdict)
    verdict.objections += scene.deserters
    return verdict, figures


async def start_worker(scene: Stage, name: str, concurrency: int) -> Program:
    """Returns when it is registered."""
    worker = await scene.add(StraightWorker, name, concurrency=concurrency)
    await scene.until(f"SELECT EXISTS (SELECT FROM chaos.workers WHERE pid = {worker.process.pid})", 60)
    return worker


async def _wait_for_all(scene: Stage, waiters: Waiters, verdict: Verdict) -> dict:
    outages = Outages(scene, waiters.jobs)
    progress = asyncio.create_task(_tell(waiters))
    started = time.monotonic()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(outages.run(waiters))
            group.create_task(waiters.run())
    finally:
        progress.cancel()
    seconds = time.monotonic() - started
    await _check_waiters(scene, waiters, verdict)
    verdict.objections += outages.objections
    delays = waiters.delays
    if unexplained := delays.unexplained(outages.spans):
        verdict.objections.append(f"late: {unexplained} waiters heard of their job's end too late, and no outage explains it")
    return {
        "jobs": waiters.ended, "missed": len(waiters.missed), "overslept": waiters.overslept,
        "late": len(delays.late), "late_unexplained": unexplained, **delays.figures(),
        "waited_before_end": delays.waited, "asked_again": waiters.broken, **outages.figures(),
        "jobs_s": round(waiters.ended / seconds), "seconds": round(seconds),
        "million_minutes": round(1_000_000 / waiters.ended * seconds / 60),
    }


async def _tell(waiters: Waiters) -> None:
    while True:
        await asyncio.sleep(10)
        say(f"    {waiters.ended} of {waiters.jobs} waiters know; {len(waiters.missed)} missed, "
            f"{len(waiters.delays.late)} late, {waiters.overslept} overslept")


async def _check_waiters(scene: Stage, waiters: Waiters, verdict: Verdict) -> None:
    for job in waiters.missed:
        rows = await scene.store.query(f"SELECT state, finished_at FROM jobs WHERE id = '{job}'")
        verdict.objections.append(f"missed: the waiter of job {job} did not get to know; row: {rows}")
    if waiters.overslept:
        verdict.objections.append(f"overslept: {waiters.overslept} waits were not woken by their job's end")


async def _check_rows(scene: Stage, verdict: Verdict) -> None:
    """Also those of jobs whose 202 was lost."""
    await scene.at_rest(60)
    rows = await scene.store.query("SELECT state, count(*), sum(attempt) FROM jobs GROUP BY state")
    for state, count, attempts in rows:
        verdict.accepted += int(count)
        verdict.handler_runs += int(attempts)
        if state == "succeeded":
            verdict.succeeded = int(count)
        else:
            verdict.objections.append(f"stuck: {count} jobs are {state}, none was to fail")
            verdict.stuck += int(count)
