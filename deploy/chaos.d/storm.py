"""Faults at random under load.

The seed fixes what is done when, and what is asked for in which order. How the two meet, no seed can fix.
"""

import asyncio
import collections
import random
import time
import uuid

from boundary import UUID, Watch
from checker import Verdict, judge
from client import Client, Unsupported, noop
from faults import Fault, Faults, schedule
from history import History
from scenarios import reachable, some_jobs
from setting import STATE, TENANTS, say
from stage import Stage, stage
from stores import PostgresServer, RedisServer

WORKERS, GATEWAYS, CONCURRENCY = 3, 2, 16
MOST_WISHES = 96
ORDERING_KEYS = 12
REST_SECONDS = 90
ASKED_AGAIN = 100


class Load:
    """Posts jobs of all kinds, so many a second, each by a task of its own."""

    def __init__(self, client: Client, chance: random.Random, rate: float, has_model: bool):
        self.client, self.chance, self.rate = client, chance, rate
        self.kinds = [self.plain, self.plain, self.once, self.sleeping, self.ordered, self.ordered, self.failing,
                      self.cancelled, self.streaming] + ([self.chatting] if has_model else [])
        self.conversations: list[tuple[str, str]] = []

    async def run(self, seconds: float) -> None:
        """Returns when every wish that was begun has ended."""
        try:
            await self.client.require("/api/v1/schedules")
            self.kinds += [self.grouping, self.syncing]
            await self.client.schedule("tick", noop(key="tick"))
        except Unsupported as route:
            say(f"    no batches, schedules and unique jobs: these programs have no {route}")
        await self._post(seconds)
        if self.client.first_ticks:
            await self.client.insist("POST", "/api/v1/schedules/tick/pause", TENANTS[0])

    async def _post(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        wishes: set[asyncio.Task] = set()
        while time.monotonic() < deadline:
            await asyncio.sleep(self.chance.expovariate(self.rate))
            if len(wishes) < MOST_WISHES:
                wish = asyncio.create_task(self.chance.choice(self.kinds)(self.chance.choice(TENANTS)))
                wishes.add(wish)
                wish.add_done_callback(wishes.discard)
        await asyncio.gather(*wishes)

    async def plain(self, tenant: str) -> None:
        await self.client.job(tenant, keyed=True, ordered=self.chance.random() < 0.5)

    async def once(self, tenant: str) -> None:
        """No key: sent once, and perhaps accepted without the client's knowing."""
        await self.client.job(tenant, ordered=self.chance.random() < 0.7)

    async def sleeping(self, tenant: str) -> None:
        await self.client.job(tenant, keyed=True, sleep_ms=self.chance.choice([50, 300, 1000, 4000]))

    async def ordered(self, tenant: str) -> None:
        key = f"line-{self.chance.randrange(ORDERING_KEYS)}"
        await self.client.job(tenant, keyed=True, key=key, sleep_ms=self.chance.choice([0, 20, 60]))

    async def failing(self, tenant: str) -> None:
        await self.client.job(tenant, keyed=True, failures=self.chance.choice([1, 1, 2]))

    async def streaming(self, tenant: str) -> None:
        await self.client.job(tenant, keyed=True, emit=5, sleep_ms=200)

    async def grouping(self, tenant: str) -> None:
        await self.client.batch(some_jobs(), noop(key=uuid.uuid4().hex))

    async def syncing(self, tenant: str) -> None:
        unique = {"key": f"calendar:{self.chance.randrange(4)}", "on_conflict": "coalesce"}
        await self.client.job(tenant, keyed=True, unique=unique, sleep_ms=100)

    async def cancelled(self, tenant: str) -> None:
        wait = self.chance.choice([0, 0.2, 1])
        request = await self.client.job(tenant, keyed=True, sleep_ms=8000)
        await asyncio.sleep(wait)
        await self.client.cancel(request)

    async def chatting(self, tenant: str) -> None:
        """A new conversation, or one more message of an old one."""
        known = [conversation for owner, conversation in self.conversations if owner == tenant]
        conversation = self.chance.choice(known) if known and self.chance.random() < 0.7 else None
        request = await self.client.message(tenant, conversation=conversation)
        if conversation is None and request.answer:
            self.conversations.append((tenant, request.answer["conversation_id"]))


async def _storm(scene: Stage, faults: Faults, planned: list[Fault]) -> None:
    started = time.monotonic()
    lasting: set[asyncio.Task] = set()
    for fault in planned:
        await asyncio.sleep(max(0, started + fault.at - time.monotonic()))
        say(f"    {fault}")
        lasting.add(asyncio.create_task(faults.carry_out(fault)))
    for ended in await asyncio.gather(*lasting, return_exceptions=True):
        if isinstance(ended, BaseException):
            say(f"    a fault failed itself: {ended!r}")
    await faults.heal()


async def run(
    seed: int, seconds: float, rate: float, postgres: PostgresServer, model_port: int | None
) -> tuple[Verdict, dict]:
    chance = random.Random(seed)
    planned = schedule(chance, seconds)
    redis = RedisServer("redis-storm")
    await redis.start()
    try:
        async with stage("storm", redis, Watch(), model_port) as scene:
            load = Load(await _people(scene), chance, rate, bool(model_port))
            return await _run(scene, planned, seconds, load, postgres)
    finally:
        await redis.remove()


async def _people(scene: Stage) -> Client:
    scene.dead_after = None
    for number in range(GATEWAYS):
        await scene.add_gateway(name=f"gateway{number}")
    for number in range(WORKERS):
        await scene.add_worker(f"worker{number}", concurrency=CONCURRENCY)
    await reachable(scene)
    return scene.client


async def _run(
    scene: Stage, planned: list[Fault], seconds: float, load: Load, postgres: PostgresServer
) -> tuple[Verdict, dict]:
    faults = Faults(scene, postgres)
    await asyncio.gather(load.run(seconds + 2), _storm(scene, faults, planned))
    healed = time.monotonic()
    rests = await scene.at_rest(REST_SECONDS)
    rest_seconds = time.monotonic() - healed
    requests = scene.client.requests
    await scene.client.ask_again(random.sample(requests, min(ASKED_AGAIN, len(requests))))
    history = await scene.history()
    history.write(STATE / "logs" / "storm-history.log")
    verdict = judge(history)
    verdict.objections += scene.deserters
    say(f"    left in Redis: {await _leftovers(scene.redis)}")
    say(f"    at rest {'after' if rests else 'not even after'} {rest_seconds:.1f} s")
    return verdict, {"faults": len(planned), "rest_s": round(rest_seconds, 1), **_figures(history, faults.returned)}


async def _leftovers(redis: RedisServer) -> str:
    """Keys a system at rest still has, and the entries of all that are called alike; streams stay for an hour."""
    sizes = {b"list": "LLEN", b"set": "SCARD", b"zset": "ZCARD", b"hash": "HLEN"}
    found: collections.Counter[str] = collections.Counter()
    for key in await redis.ask("KEYS", "*"):
        if size := sizes.get(await redis.ask("TYPE", key)):
            found[UUID.sub("*", key.decode())] += await redis.ask(size, key)
    return ", ".join(f"{name} {count}" for name, count in sorted(found.items())) or "nothing"


def _figures(history: History, returned: list[tuple[str, float]]) -> dict:
    codes = collections.Counter(job.failure for job in history.jobs.values() if job.state == "failed")
    starts = sorted(change.at for change in history.changes if change.is_start)
    pause, since = max(((later - earlier, earlier) for earlier, later in zip(starts, starts[1:])), default=(0, 0))
    back = [(next((start - at for start in starts if start > at), 0), kind) for kind, at in returned]
    slowest, kind = max(back, default=(0, "nothing"))
    say(f"    jobs started again {slowest:.1f} s after: {kind}")
    say(f"    no job started for {pause:.1f} s from {time.strftime('%H:%M:%S', time.localtime(since))} on")
    return {
        "requests": len(history.requests), "rows": len(history.jobs), "worker_kills": len(history.kills),
        "longest_pause_s": round(pause, 1), "store_back_max_s": round(slowest, 1),
        "failed_as": " ".join(f"{code}:{count}" for code, count in codes.items()),
    }
