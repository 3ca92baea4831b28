"""Errand's own processes, each behind proxies of its own."""

import asyncio
import os
import signal
import time

from boundary import Watch
from proxy import Cut, Gate, PostgresProxy, RedisProxy
from setting import KEYS, PROGRAMS, QUEUES, REDIS_PASSWORD, STATE, TIED, free_port
from stores import RedisServer, database_url, start_process, wait_for

# Longer than others wait before they bury a worker of the stages, whose WORKER_DEAD_AFTER_SECONDS is 2.
STALL_SECONDS = 3.5


class Program:
    """A gateway or a worker, started anew as often as it is killed."""

    role = ""

    def __init__(self, name: str, database: str, redis: RedisServer, postgres_port: int, watch: Watch | None = None):
        self.name, self.database, self.watch = name, database, watch
        self.prefix = "errand"
        self.gate = Gate()
        self.proxies = [
            RedisProxy(redis.port, self.gate, watch, self.act, self.prefix),
            PostgresProxy(postgres_port, self.gate, watch, self.act),
        ]
        self.process: asyncio.subprocess.Process | None = None
        # When it was killed, and which process that was.
        self.kills: list[tuple[float, int]] = []
        self.settings: dict[str, str] = {}
        self.stalls: set[asyncio.Task] = set()

    @property
    def log(self):
        return STATE / "logs" / f"{self.name}.log"

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def open(self) -> None:
        for proxy in self.proxies:
            await proxy.start()
        await self.start()

    async def start(self) -> None:
        redis, postgres = self.proxies
        stores = {
            "DATABASE_URL": database_url(self.role, self.database, postgres.port),
            "REDIS_URL": f"redis://:{REDIS_PASSWORD}@127.0.0.1:{redis.port}/0",
            "REDIS_PREFIX": self.prefix,
            "LOG_LEVEL": "info",
        }
        self.process = await start_process(TIED + self.command(), self.log, {**stores, **self.settings})

    def command(self) -> list[str]:
        raise NotImplementedError

    async def act(self, action: str) -> None:
        """Hits this program at a boundary. Raises Cut when the connection the boundary was seen on ends."""
        if action in ("stall", "stop"):
            await self._stall(stops=action == "stop")
            return
        if action == "kill":
            self.kill()
        raise Cut

    async def _stall(self, stops: bool) -> None:
        """Nothing passes for a while. A program that is stopped does not even know."""
        if stops:
            self.signal(signal.SIGSTOP)
        task = asyncio.create_task(self.gate.hold(STALL_SECONDS))
        self.stalls.add(task)
        task.add_done_callback(self.stalls.discard)
        task.add_done_callback(lambda _: self.signal(signal.SIGCONT))
        await asyncio.sleep(0)
        await self.gate.open.wait()

    def kill(self) -> None:
        if self.is_alive:
            self.kills.append((time.time(), self.process.pid))
            self.process.kill()

    def signal(self, number: int) -> None:
        if self.is_alive:
            os.kill(self.process.pid, number)

    async def revive(self) -> bool:
        """Starts it again when it is dead. True when it was."""
        if self.is_alive:
            return False
        await self.process.wait()
        await self.start()
        return True

    async def close(self) -> None:
        self.gate.open.set()
        if self.is_alive:
            self.signal(signal.SIGCONT)
            self.process.kill()
            await self.process.wait()
        for proxy in self.proxies:
            await proxy.stop()


class Gateway(Program):
    role = "errand_gateway"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.port = free_port()
        self.settings = {
            "HTTP_PORT": str(self.port),
            "API_KEYS": ",".join(f"{tenant}:{key}" for tenant, key in KEYS.items()),
            "DATABASE_POOL_SIZE": "4",
            # Counted, and never reached: one address and a few keys are all the clients there are.
            "RATE_LIMIT_KEY": "1000000/60",
            "RATE_LIMIT_IP": "1000000/60",
            "HTTP_MAX_CONNECTIONS_PER_ADDRESS": "100000",
            "STREAMS_PER_CALLER": "100000",
        }

    def command(self) -> list[str]:
        return [str(PROGRAMS / "gateway")]


class Worker(Program):
    role = "errand_worker"

    def __init__(self, *arguments, concurrency: int = 4, dead_after: int | None = None, model_port: int | None = None):
        super().__init__(*arguments)
        self.concurrency = concurrency
        self.settings = {"DATABASE_POOL_SIZE": "4"}
        if dead_after:
            self.settings["WORKER_DEAD_AFTER_SECONDS"] = str(dead_after)
        if model_port:
            self.settings["LLM_BASE_URL"] = f"http://127.0.0.1:{model_port}/v1"

    def command(self) -> list[str]:
        return [str(PROGRAMS / "worker"), "run", "--queues", QUEUES, "--concurrency", str(self.concurrency)]


class Simulator:
    """The provider simulator, when it was built: it answers chat messages."""

    program = PROGRAMS / "ProviderSimulator"

    def __init__(self):
        self.port: int | None = None
        self.process = None

    async def start(self) -> None:
        if not self.program.exists():
            return
        port = free_port()
        words = [*TIED, str(self.program), "--port", str(port), "--tokens", "4", "--delay-ms", "2"]
        self.process = await start_process(words, STATE / "logs" / "simulator.log")
        await wait_for("the provider simulator", 20, lambda: listens(port))
        self.port = port

    async def stop(self) -> None:
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


async def listens(port: int) -> bool:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    return True
