"""The whole chain of proof is checked: rows doctored by SQL must reach the checker through the audit's trigger."""

from boundary import Watch
from checker import judge
from scenarios import reachable
from stage import Stage, stage
from stores import RedisServer
import pgwire

# What is done to one ended job's row, and the heading under which the checker must then object.
DOCTORED = [
    ("UPDATE jobs SET payload = payload || '{\"doctored\": 1}' WHERE id = '{job}'", "duplicate_effects"),
    ("UPDATE jobs SET state = 'failed', failure = '{\"code\": \"doctored\"}' WHERE id = '{job}'", "duplicate_effects"),
    ("UPDATE jobs SET state = 'queued', finished_at = NULL WHERE id = '{job}'", "stuck"),
    ("DELETE FROM jobs WHERE id = '{job}'", "lost"),
]


async def run() -> list[str]:
    """What was overlooked."""
    redis = RedisServer("redis-doctored")
    await redis.start()
    try:
        async with stage("doctored", redis, Watch(), None) as scene:
            return await _run(scene)
    finally:
        await redis.remove()


async def _run(scene: Stage) -> list[str]:
    await scene.add_gateway()
    await reachable(scene)
    await scene.add_worker()
    requests = [await scene.client.job(keyed=True, ordered=True) for _ in DOCTORED]
    await scene.at_rest(20)
    scene.is_keeping = False
    for program in scene.programs:
        await program.close()
    wrong = [f"objected to what nobody doctored: {text}" for text in judge(await scene.history()).objections]
    for request, (sql, heading) in zip(requests, DOCTORED):
        before = getattr(judge(await scene.history()), heading)
        try:
            await scene.store.query(sql.replace("{job}", request.jobs[0]))
        except pgwire.Refused as refusal:
            wrong.append(f"the schema refused to be doctored: {refusal}")
        if getattr(judge(await scene.history()), heading) <= before:
            wrong.append(f"no objection ({heading}) to: {sql}")
    return wrong
