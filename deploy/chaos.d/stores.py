"""The stores under the system: databases made from a template, and servers that can be killed and started again."""

import asyncio
import contextlib
import os
import pathlib
import shutil
import signal
import time

import pgwire
import resp
from setting import (
    PASSWORDS, POSTGRES_COMMAND, POSTGRES_DATA, POSTGRES_PORT, REDIS_PASSWORD, REDIS_SERVER, STATE, TEMPLATE, TIED,
    Wrong, free_port,
)

# A copy of a database does not take the roles' settings for it along.
COPY_ROLE_SETTINGS = """
SELECT format('ALTER ROLE %I IN DATABASE {name} SET %s TO %L', rolname, split_part(item, '=', 1),
              substr(item, strpos(item, '=') + 1))
FROM pg_db_role_setting JOIN pg_roles ON pg_roles.oid = setrole JOIN pg_database ON pg_database.oid = setdatabase
CROSS JOIN unnest(setconfig) AS item WHERE datname = '{template}'
"""


def owner(database: str) -> pgwire.Client:
    return pgwire.Client(POSTGRES_PORT, "errand_owner", PASSWORDS["errand_owner"], database)


def database_url(role: str, database: str, port: int) -> str:
    return f"postgresql://{role}:{PASSWORDS[role]}@127.0.0.1:{port}/{database}"


making = asyncio.Lock()


@contextlib.asynccontextmanager
async def database(name: str):
    """A fresh database with the schema and the audit, for the time of a block."""
    server = owner("postgres")
    try:
        async with making:
            await server.query(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await server.query(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
            for [statement] in await server.query(COPY_ROLE_SETTINGS.format(name=name, template=TEMPLATE)):
                await server.query(statement)
        client = owner(name)
        try:
            yield client
        finally:
            client.close()
            await server.query(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    finally:
        server.close()


async def start_process(words: list[str], log: pathlib.Path, environment: dict[str, str] | None = None):
    with open(log, "ab") as output:
        return await asyncio.create_subprocess_exec(
            *words, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            env={**os.environ, **(environment or {})},
        )


async def wait_for(what: str, seconds: float, ready, pause: float = 0.05):
    """The first true value `ready()` gives; a store that is away counts as not yet."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError, TimeoutError, RuntimeError, pgwire.Refused):
            if value := await ready():
                return value
        if time.monotonic() > deadline:
            raise Wrong(f"{what}: not after {seconds} s")
        await asyncio.sleep(pause)


class RedisServer:
    """A Redis that keeps only what SAVE was told to keep."""

    def __init__(self, name: str):
        self.name, self.port = name, free_port()
        self.folder = STATE / "servers" / name
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = self.folder / "redis.conf"
        configuration.write_text(
            f'bind 127.0.0.1\nport {self.port}\nrequirepass {REDIS_PASSWORD}\ndir "{self.folder}"\nsave ""\n'
            "appendonly no\nmaxmemory-policy noeviction\nenable-debug-command local\n"
        )
        configuration.chmod(0o600)
        self.process = await start_process([*TIED, REDIS_SERVER, str(configuration)], self.log)
        await wait_for(f"Redis ({self.name})", 20, lambda: self.ask("PING"))

    @property
    def log(self) -> pathlib.Path:
        return STATE / "logs" / f"{self.name}.log"

    async def ask(self, *words: str):
        return await resp.ask(self.port, REDIS_PASSWORD, *words)

    async def kill(self) -> None:
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def restart(self, keeps_snapshot: bool) -> None:
        await self.kill()
        if not keeps_snapshot:
            (self.folder / "dump.rdb").unlink(missing_ok=True)
        await self.start()

    async def empty(self) -> None:
        await self.ask("FLUSHALL")
        await self.ask("SCRIPT", "FLUSH")

    async def remove(self) -> None:
        await self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class PostgresServer:
    """This run's PostgreSQL, which deploy/chaos started."""

    process: asyncio.subprocess.Process | None = None

    async def restart_at_once(self) -> None:
        """As `pg_ctl restart -m immediate`: no checkpoint, no goodbye; the next start recovers from the WAL."""
        await self._end(signal.SIGQUIT)
        self.process = await start_process(POSTGRES_COMMAND, STATE / "logs" / "postgres.log")
        await wait_for("PostgreSQL", 60, self.answers)

    async def stop(self) -> None:
        """Only what this object started; the rest is deploy/chaos's."""
        if self.process:
            await self._end(signal.SIGINT)

    async def _end(self, number: int) -> None:
        pid = int((POSTGRES_DATA / "postmaster.pid").read_text().split("\n")[0])
        os.kill(pid, number)
        if self.process:
            await self.process.wait()
        await wait_for("PostgreSQL's end", 30, lambda: _is_gone(pid))

    async def answers(self) -> bool:
        client = owner("postgres")
        try:
            return bool(await client.query("SELECT 1", seconds=5))
        finally:
            client.close()


async def _is_gone(pid: int) -> bool:
    """A zombie that its parent, the shell, has not waited for yet is gone as well."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True
