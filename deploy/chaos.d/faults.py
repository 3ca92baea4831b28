"""The storm's faults, and their schedule: a pure function of the seed."""

import asyncio
import contextlib
import dataclasses
import random
import signal
import time

from programs import Program
from stage import Stage
from stores import PostgresServer

# How long a fault may last, in seconds. A worker may be away for longer than others wait before they bury it.
LASTING = {
    "stop a worker": (1.0, 8.0),
    "black-hole a worker": (1.0, 8.0),
    "black-hole a gateway": (0.5, 4.0),
    "kill a worker": (0.2, 2.0),
    "kill a gateway": (0.2, 2.0),
    "age Redis": (1.0, 2.0),
}
INSTANT = (
    "kill a worker", "flush Redis", "empty Redis", "restart PostgreSQL", "kill Redis clients",
    "end PostgreSQL sessions", "cut a worker", "cut a gateway",
)
KINDS = (*LASTING, *INSTANT)


@dataclasses.dataclass(frozen=True)
class Fault:
    at: float
    kind: str
    # Which of the programs of its kind.
    choice: int
    seconds: float

    def __str__(self) -> str:
        lasting = f" for {self.seconds:.1f} s" if self.kind in LASTING else ""
        return f"{self.at:.1f} s: {self.kind} ({self.choice}){lasting}"


def schedule(chance: random.Random, seconds: float) -> list[Fault]:
    """Every kind comes before any comes a second time."""
    faults: list[Fault] = []
    deck: list[str] = []
    at = chance.uniform(1.0, 2.0)
    while at < seconds:
        if not deck:
            deck = chance.sample(KINDS, len(KINDS))
        kind = deck.pop()
        faults.append(Fault(at, kind, chance.randrange(6), chance.uniform(*LASTING.get(kind, (0, 0)))))
        at += chance.uniform(0.8, 2.6)
    return faults


class Faults:
    """Carries faults out on a stage."""

    def __init__(self, scene: Stage, postgres: PostgresServer):
        self.scene, self.postgres = scene, postgres
        # When a store was there again, and after what.
        self.returned: list[tuple[str, float]] = []

    async def carry_out(self, fault: Fault) -> None:
        words = fault.kind.split(" ")
        program = self._chosen(words[-1], fault.choice)
        match words[0], words[-1]:
            case "kill", "worker" | "gateway":
                await self._kill(program, fault.seconds)
            case "stop", _:
                program.signal(signal.SIGSTOP)
                await asyncio.sleep(fault.seconds)
                program.signal(signal.SIGCONT)
            case "black-hole", _:
                await program.gate.hold(fault.seconds)
            case "cut", _:
                for proxy in program.proxies:
                    proxy.cut_all()
            case "restart", "PostgreSQL":
                await self.postgres.restart_at_once()
            case "end", "sessions":
                await self.scene.store.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                             "WHERE datname = current_database() AND pid <> pg_backend_pid()")
            case _:
                await self._redis(fault)
        if program is None:
            self.returned.append((fault.kind, time.time()))

    def _chosen(self, role: str, choice: int) -> Program | None:
        programs = [program for program in self.scene.programs if program.role == f"errand_{role}"]
        return programs[choice % len(programs)] if programs else None

    async def _kill(self, program: Program, seconds: float) -> None:
        """Dead for a while: the stage starts it again when it may."""
        self.scene.buried.add(program.name)
        program.kill()
        await asyncio.sleep(seconds)
        self.scene.buried.discard(program.name)

    async def _redis(self, fault: Fault) -> None:
        redis = self.scene.redis
        match fault.kind:
            case "flush Redis":
                await redis.ask("FLUSHALL")
            case "empty Redis":
                await redis.restart(keeps_snapshot=False)
            case "age Redis":
                # What was written since the snapshot is forgotten, as by a failover.
                await redis.ask("SAVE")
                await asyncio.sleep(fault.seconds)
                await redis.restart(keeps_snapshot=True)
            case "kill Redis clients":
                await redis.ask("CLIENT", "KILL", "TYPE", "pubsub")
                await redis.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    async def heal(self) -> None:
        """Everybody runs, everybody can reach everybody."""
        self.scene.buried.clear()
        for program in self.scene.programs:
            program.gate.open.set()
            with contextlib.suppress(ProcessLookupError):
                program.signal(signal.SIGCONT)
