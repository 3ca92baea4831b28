"""How long jobs wait for a new worker when theirs is killed; and that one which only stalls keeps its own."""

import asyncio
import signal

from boundary import Watch
from checker import Verdict, judge
from scenarios import reachable
from stage import Stage, stage
from stores import RedisServer

JOBS, JOB_MILLISECONDS, STALL_SECONDS = 20, 5000, 3.0
# The healthy worker has been there for a while when the other one dies.
ACQUAINTANCE_SECONDS = 1.5


async def run(kills: int, stalls: int) -> tuple[Verdict, dict]:
    """Default timings: what WORKER_DEAD_AFTER_SECONDS is when nobody sets it."""
    redis = RedisServer("redis-recovery")
    await redis.start()
    try:
        async with stage("recovery", redis, Watch(), None) as scene:
            return await _run(scene, kills, stalls)
    finally:
        await redis.remove()


async def _run(scene: Stage, kills: int, stalls: int) -> tuple[Verdict, dict]:
    scene.dead_after = None
    await scene.add_gateway()
    await reachable(scene)
    worker = await scene.add_worker("worker0", concurrency=JOBS)
    for number in range(1, kills + 1):
        worker = await _round(scene, worker, f"worker{number}")
    stalled: set[str] = set()
    for number in range(stalls):
        stalled |= await _stall(scene, worker, f"peer{number}")
    history = await scene.history()
    verdict = judge(history)
    verdict.objections += scene.deserters
    rescued = [job for job in stalled if sum(change.is_start for change in history.of(job)) != 1]
    verdict.objections += [f"false rescue: job {job} of a worker that stalled for 3 s started again" for job in rescued]
    if len(verdict.recoveries) != kills * JOBS:
        verdict.objections.append(f"{kills * JOBS} jobs were running when killed, {len(verdict.recoveries)} recovered")
    return verdict, {"kills": kills, "stalls": stalls, "false_rescues": len(rescued)}


async def _fill(scene: Stage) -> set[str]:
    """All jobs run on the only worker there is."""
    wishes = (scene.client.job(keyed=True, sleep_ms=JOB_MILLISECONDS) for _ in range(JOBS))
    jobs = {request.jobs[0] for request in await asyncio.gather(*wishes)}
    await scene.until(f"SELECT count(*) = {JOBS} FROM jobs WHERE state = 'running'", 20)
    return jobs


async def _round(scene: Stage, worker, name: str):
    """The full worker dies beside an idle one, which is the next round's."""
    await _fill(scene)
    healthy = await scene.add_worker(name, concurrency=JOBS)
    await asyncio.sleep(ACQUAINTANCE_SECONDS)
    scene.buried.add(worker.name)
    worker.kill()
    await scene.at_rest(60)
    return healthy


async def _stall(scene: Stage, worker, name: str) -> set[str]:
    jobs = await _fill(scene)
    peer = await scene.add_worker(name, concurrency=JOBS)
    await asyncio.sleep(ACQUAINTANCE_SECONDS)
    worker.signal(signal.SIGSTOP)
    await asyncio.sleep(STALL_SECONDS)
    worker.signal(signal.SIGCONT)
    await scene.at_rest(60)
    scene.buried.add(peer.name)
    peer.kill()
    await scene.until("SELECT count(*) <= 1 FROM workers", 30)
    return jobs
