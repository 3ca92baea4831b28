"""What the system is doing when it is hit: each sets up its stage, then does its work, the phase `work`."""

import asyncio
import dataclasses
import signal
import uuid
from collections.abc import Awaitable, Callable

from client import Request, noop
from programs import listens
from setting import TENANTS
from stage import Stage
from stores import wait_for


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    # The kind of program that is watched.
    target: str
    set_up: Callable[[Stage], Awaitable[None]]
    work: Callable[[Stage], Awaitable[None]]
    actions: tuple[str, ...] = ("kill", "cut")
    phases: tuple[str, ...] = ("start", "work")


async def watch_gateway(stage: Stage) -> None:
    await stage.add_worker()
    await stage.add_gateway(watched=True)
    await reachable(stage)


async def watch_worker(stage: Stage) -> None:
    await stage.add_gateway()
    await stage.add_worker(watched=True, concurrency=2)
    await reachable(stage)


async def reachable(stage: Stage) -> None:
    """The gateway serves: a wish that fails before that would not be about the boundary."""
    for port in stage.client.ports:
        await wait_for("the gateway", 30, lambda: listens(port))


async def accept(stage: Stage) -> None:
    """Every way in: plain, with a key, in order, a chat message, a cancellation; then every key once more."""
    client = stage.client
    stage.watch.begin_work()
    first = [client.job(), client.job(ordered=True), client.job(keyed=True, ordered=True, sleep_ms=20)]
    await asyncio.gather(*first)
    sleeper = await client.job(keyed=True, sleep_ms=20_000)
    late = [client.job(keyed=True, ordered=True), client.cancel(sleeper)]
    if stage.model_port:
        late += [client.message(tenant=TENANTS[1])]
    await asyncio.gather(*late)
    await client.ask_again(client.requests)


async def take(stage: Stage) -> None:
    """One job for an idle worker, then more at once than it has slots for, some in order."""
    client = stage.client
    stage.watch.begin_work()
    await client.job(keyed=True, ordered=True)
    await asyncio.gather(*(client.job(keyed=True, ordered=True, sleep_ms=40) for _ in range(5)))
    await in_order(stage, 3)


async def in_order(stage: Stage, count: int) -> None:
    """Jobs of one key, each asked for when the one before is accepted: they must run in this order."""
    for _ in range(count):
        await stage.client.job(keyed=True, key="line", sleep_ms=20)


async def settle(stage: Stage) -> None:
    """Every way out: success with text, a failure that is tried again, the next in order, an answer, a cancellation."""
    client = stage.client
    stage.watch.begin_work()
    sleeper = await client.job(keyed=True, sleep_ms=20_000)
    await stage.until(f"SELECT count(*) > 0 FROM chaos.changes WHERE job = '{sleeper.jobs[0]}' AND attempt > 0", 20)
    wishes: list[Awaitable[Request | None]] = [client.cancel(sleeper), client.job(keyed=True, emit=2, sleep_ms=20)]
    wishes += [client.job(keyed=True, failures=1), client.job(keyed=True)]
    wishes += [in_order(stage, 2)]
    if stage.model_port:
        wishes += [client.message()]
    await asyncio.gather(*wishes)


async def lose_a_worker(stage: Stage) -> None:
    """A worker holds jobs, one waits for another of its key; the watched one joins."""
    await stage.add_gateway()
    await reachable(stage)
    victim = await stage.add_worker("victim")
    client = stage.client
    await asyncio.gather(*(client.job(keyed=True, ordered=True, sleep_ms=1500) for _ in range(2)))
    for milliseconds in (1500, 20):
        await client.job(keyed=True, key="line", sleep_ms=milliseconds)
    await stage.until_started(3)
    await stage.add_worker("survivor", watched=True)
    stage.buried.add(victim.name)


async def recover(stage: Stage) -> None:
    """The worker dies; the survivor buries it, rescues its jobs and runs them."""
    stage.watch.begin_work()
    stage.programs[1].kill()
    await asyncio.sleep(0)


async def fill_a_worker(stage: Stage) -> None:
    await watch_worker(stage)
    await asyncio.gather(*(stage.client.job(keyed=True, ordered=True, sleep_ms=1200) for _ in range(2)))
    await stage.until_started(2)
    await stage.client.job(keyed=True)


async def drain(stage: Stage) -> None:
    """SIGTERM with no patience: what runs is handed back."""
    stage.target.settings["WORKER_DRAIN_SECONDS"] = "0"
    stage.target.may_end = True
    stage.watch.begin_work()
    stage.target.signal(signal.SIGTERM)


async def watch_gateway_of_groups(stage: Stage) -> None:
    await watch_gateway(stage)
    await stage.client.require("/api/v1/schedules")


async def watch_worker_of_groups(stage: Stage) -> None:
    await watch_worker(stage)
    await stage.client.require("/api/v1/schedules")


async def watch_scheduler(stage: Stage) -> None:
    await watch_worker_of_groups(stage)
    await stage.add_worker("peer")


def some_jobs() -> list[dict]:
    return [noop(), noop(sleep_ms=80), noop(failures=1), noop(key=uuid.uuid4().hex)]


SYNC = {"key": "calendar:1", "on_conflict": "coalesce"}


async def accept_groups(stage: Stage) -> None:
    """A batch, and a burst for one unique key."""
    client = stage.client
    stage.watch.begin_work()
    await client.batch(some_jobs(), noop(key=uuid.uuid4().hex))
    await asyncio.gather(*(client.job(keyed=True, unique=SYNC, sleep_ms=50) for _ in range(4)))
    await client.ask_again(client.requests)


async def fan_out(stage: Stage) -> None:
    """Two batches end, each calls back."""
    stage.watch.begin_work()
    await asyncio.gather(*(stage.client.batch(some_jobs(), noop(key=uuid.uuid4().hex)) for _ in range(2)))


async def coalesce(stage: Stage) -> None:
    """A burst for one key becomes what runs and what trails it; whatever becomes of those, the key is free then."""
    client = stage.client
    stage.watch.begin_work()
    await asyncio.gather(*(client.job(keyed=True, unique=SYNC, sleep_ms=60, failures=1) for _ in range(4)))
    await stage.at_rest(20)
    earlier = {job for request in client.requests for job in request.jobs}
    last = await client.job(keyed=True, unique=SYNC)
    if earlier.intersection(last.jobs):
        client.refused.append(f"the key is still taken by the job {last.jobs}, which has ended")


async def tick(stage: Stage) -> None:
    """A schedule fires every second; either of two workers may do it."""
    stage.watch.begin_work()
    await stage.client.schedule("tick", noop(key="tick"))
    await stage.until("SELECT count(*) >= 3 FROM jobs WHERE payload ->> 'key' = 'tick'", 20)
    await stage.client.insist("POST", "/api/v1/schedules/tick/pause", TENANTS[0])


async def watch_worker_beside_another(stage: Stage) -> None:
    await watch_worker(stage)
    await stage.add_worker("peer")


async def outlive(stage: Stage) -> None:
    """Two workers share the work; the watched one falls silent for longer than the other waits, and comes back."""
    client = stage.client
    stage.watch.begin_work()
    wishes = [client.job(keyed=True, emit=3, sleep_ms=150) for _ in range(3)]
    wishes += [in_order(stage, 4)]
    wishes += [client.job(keyed=True, failures=1), client.job(keyed=True, ordered=True, sleep_ms=400)]
    if stage.model_port:
        wishes += [client.message(), client.message()]
    await asyncio.gather(*wishes)


SCENARIOS = [
    Scenario("accept", "gateway", watch_gateway, accept),
    Scenario("take", "worker", watch_worker, take),
    Scenario("settle", "worker", watch_worker, settle),
    Scenario("recover", "worker", lose_a_worker, recover),
    Scenario("drain", "worker", fill_a_worker, drain),
    # A zombie: everybody believes it dead, and what it was about to say arrives late.
    Scenario("accept_groups", "gateway", watch_gateway_of_groups, accept_groups, phases=("work",)),
    Scenario("fan_out", "worker", watch_worker_of_groups, fan_out, phases=("work",)),
    Scenario("coalesce", "worker", watch_worker_of_groups, coalesce, phases=("work",)),
    Scenario("tick", "worker", watch_scheduler, tick, phases=("work",)),
    Scenario("zombie", "worker", watch_worker_beside_another, outlive, ("stall", "stop"), ("work",)),
]
