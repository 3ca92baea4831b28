"""What befalls Redis and the gateway while thousands wait: at fixed shares of the work."""

import asyncio
import contextlib
import signal
import time

from programs import listens
from setting import say
from stage import Stage
from stores import wait_for

# One round of outages for so many jobs.
ROUND = 50_000
AWAY_SECONDS, SIGNAL_CUTS = 1.0, 5
# What an outage still explains after everything is back: readers look for themselves every second then.
AFTERMATH_SECONDS = 2.0
EXIT_SECONDS = 60


class Outages:
    def __init__(self, scene: Stage, jobs: int):
        self.scene = scene
        rounds = max(1, jobs // ROUND)
        kinds = (self._lose_redis, self._restart_gateway, self._cut_signals, self._lose_both)
        self.plan = [
            (jobs * (turn + (number + 1) / (len(kinds) + 1)) / rounds, kind)
            for turn in range(rounds) for number, kind in enumerate(kinds)
        ]
        # When each began, and when its aftermath was over.
        self.spans: list[tuple[float, float]] = []
        self.redis_restarts = self.gateway_restarts = self.signals_cut = 0
        self.objections: list[str] = []

    async def run(self, waiters) -> None:
        """Somebody waits all the time."""
        waiters.may_stop = False
        for count, outage in self.plan:
            while waiters.ended < count:
                await asyncio.sleep(0.02)
            begun = time.time()
            await outage()
            self.spans.append((begun, time.time() + AFTERMATH_SECONDS))
            say(f"    after {waiters.ended} jobs: {outage.__name__.strip('_').replace('_', ' ')}, "
                f"{time.time() - begun:.1f} s")
        waiters.may_stop = True

    async def _lose_redis(self) -> None:
        """Killed, and back a little later, empty."""
        await self.scene.redis.kill()
        await asyncio.sleep(AWAY_SECONDS)
        await self.scene.redis.restart(keeps_snapshot=False)
        self.redis_restarts += 1

    async def _restart_gateway(self) -> None:
        """SIGTERM: it answers whoever waits, and ends; the stage starts it again on the same port."""
        gateway = self.scene.gateway
        process = gateway.process
        gateway.signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EXIT_SECONDS):
                await process.wait()
        if process.returncode != 0:
            self.objections.append(f"SIGTERM: the gateway ended with {process.returncode} (None: not at all)")
            gateway.kill()

        async def is_back() -> bool:
            return gateway.process is not process and await listens(gateway.port)

        await wait_for("the gateway", 60, is_back)
        self.gateway_restarts += 1

    async def _cut_signals(self) -> None:
        """Redis stays; the connections on which the gateway and the worker hear do not."""
        before = self.signals_cut
        for _ in range(SIGNAL_CUTS):
            self.signals_cut += await self.scene.redis.ask("CLIENT", "KILL", "TYPE", "pubsub")
            await asyncio.sleep(0.3)
        if self.signals_cut == before:
            self.objections.append("CLIENT KILL found no connection that listens: nothing was tried")

    async def _lose_both(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._lose_redis())
            group.create_task(self._restart_gateway())

    def figures(self) -> dict[str, int]:
        return {
            "redis_restarts": self.redis_restarts, "gateway_restarts": self.gateway_restarts,
            "signals_cut": self.signals_cut,
        }
