"""One small system for one case: a database and a Redis of its own, a gateway, workers, a client."""

import asyncio
import contextlib
import dataclasses

import history
import pgwire
from boundary import Watch
from client import Client
from programs import Gateway, Program, Worker
from setting import POSTGRES_PORT
from stores import RedisServer, database, wait_for

DEAD_AFTER_SECONDS = 2
# Also batches whose jobs have ended and which have not called back yet.
AT_REST = """
SELECT NOT EXISTS (SELECT FROM jobs WHERE state NOT IN ('succeeded', 'failed', 'cancelled'))
       AND (to_regclass('batches') IS NULL OR (xpath('/row/n/text()', query_to_xml(
           'SELECT count(*) AS n FROM batches WHERE finished_at IS NULL', false, true, '')))[1]::text = '0')
"""


@dataclasses.dataclass
class Stage:
    name: str
    store: pgwire.Client
    redis: RedisServer
    watch: Watch
    model_port: int | None = None
    gateway: Gateway | None = None
    # The program the watch belongs to.
    target: Program | None = None
    client: Client | None = None
    programs: list[Program] = dataclasses.field(default_factory=list)
    # Programs that ended although nobody had killed them.
    deserters: list[str] = dataclasses.field(default_factory=list)
    is_keeping: bool = True
    # WORKER_DEAD_AFTER_SECONDS of its workers; None: the default.
    dead_after: int | None = DEAD_AFTER_SECONDS
    # A program that is dead and to stay so.
    buried: set[str] = dataclasses.field(default_factory=set)

    async def add(self, kind: type[Program], name: str, watched: bool = False, **more) -> Program:
        watch = self.watch if watched else None
        program = kind(f"{self.name}-{name}", self.name, self.redis, POSTGRES_PORT, watch, **more)
        self.programs.append(program)
        if watched:
            self.target = program
        await program.open()
        return program

    async def add_gateway(self, watched: bool = False, name: str = "gateway") -> None:
        self.gateway = await self.add(Gateway, name, watched)
        self.client = self.client or Client([])
        self.client.ports.append(self.gateway.port)

    async def add_worker(self, name: str = "worker", watched: bool = False, concurrency: int = 4) -> Program:
        """Returns when it is registered."""
        known = int((await self.store.query("SELECT count(*) FROM chaos.workers"))[0][0])
        worker = await self.add(
            Worker, name, watched, concurrency=concurrency, dead_after=self.dead_after, model_port=self.model_port)
        await self.until(f"SELECT count(*) > {known} FROM chaos.workers", 30)
        return worker

    async def until(self, sql: str, seconds: float) -> bool:
        """Whether the statement came to give true in time."""
        async def is_true() -> bool:
            return (await self.store.query(sql))[0][0] == "t"

        return bool(await wait_for(sql, seconds, is_true))

    async def until_started(self, count: int) -> None:
        """So many jobs have been started; on a busy machine some may have ended."""
        await self.until(f"SELECT count(DISTINCT job) >= {count} FROM chaos.changes WHERE to_state = 'running'", 20)

    async def at_rest(self, seconds: float) -> bool:
        """Whether every job ended in time."""
        with contextlib.suppress(Exception):
            return await self.until(AT_REST, seconds)
        return False

    async def keep(self) -> None:
        """Starts what died again; whoever died without being killed is noted."""
        while self.is_keeping:
            for program in self.programs:
                if program.is_alive or program.name in self.buried or program.process is None:
                    continue
                status = await program.process.wait()
                if status != -9 and not getattr(program, "may_end", False):
                    self.deserters.append(f"{program.name} ended by itself with status {status}")
                    await asyncio.sleep(0.5)
                await program.start()
            await asyncio.sleep(0.02)

    async def history(self) -> history.History:
        kills = [kill for program in self.programs if isinstance(program, Worker) for kill in program.kills]
        return await history.read(self.store, self.client, kills)


@contextlib.asynccontextmanager
async def stage(name: str, redis: RedisServer, watch: Watch, model_port: int | None):
    async with database(name) as store:
        await redis.empty()
        built = Stage(name, store, redis, watch, model_port)
        keeper = asyncio.create_task(built.keep())
        try:
            yield built
        finally:
            built.is_keeping = False
            await keeper
            for program in built.programs:
                await program.close()
