"""The proxies are checked: a blow before a request leaves nothing of it in the store, one after it leaves the whole."""

import asyncio
import struct

import pgwire
import resp
from boundary import Blow, Boundary, Watch
from proxy import Cut, Gate, PostgresProxy, RedisProxy
from setting import PASSWORDS, POSTGRES_PORT, REDIS_PASSWORD
from stores import RedisServer, database


async def run() -> list[str]:
    """What does not hold."""
    redis = RedisServer("redis-proxies")
    await redis.start()
    wrong = _check_framing()
    try:
        async with database("proxies") as store:
            await store.query("CREATE TABLE probe (n integer)")
            for side in ("before", "after"):
                wrong += await _check_postgres(store, side)
                wrong += await _check_redis(redis, side)
            wrong += await _check_stall(redis)
    finally:
        await redis.remove()
    return wrong


async def _cut(action: str) -> None:
    raise Cut


def _watch(side: str, store: str, name: str) -> Watch:
    """The second time counts."""
    watch = Watch(Blow(Boundary("work", store, name, 2, side), "cut"))
    watch.begin_work()
    return watch


async def _check_postgres(store: pgwire.Client, side: str) -> list[str]:
    await store.query("TRUNCATE probe")
    proxy = PostgresProxy(POSTGRES_PORT, Gate(), _watch(side, "postgres", "insert into probe"), _cut)
    await proxy.start()
    client = pgwire.Client(proxy.port, "errand_owner", PASSWORDS["errand_owner"], store.database)
    errors = []
    for number in (1, 2):
        try:
            # Not `query`: it would ask again by itself.
            await asyncio.wait_for(client._ask(f"INSERT INTO probe VALUES ({number})"), 5)
        except OSError:
            errors.append(number)
    await proxy.stop()
    rows = [int(row[0]) for row in await store.query("SELECT n FROM probe ORDER BY n")]
    expected = [1] if side == "before" else [1, 2]
    return [] if (errors, rows) == ([2], expected) else [f"PostgreSQL, {side}: errors {errors}, rows {rows}"]


async def _check_redis(redis: RedisServer, side: str) -> list[str]:
    await redis.ask("DEL", "errand:probe")
    proxy = RedisProxy(redis.port, Gate(), _watch(side, "redis", "INCR probe"), _cut, "errand")
    await proxy.start()
    errors = []
    for number in (1, 2):
        try:
            await resp.ask(proxy.port, REDIS_PASSWORD, "INCR", "errand:probe")
        except OSError:
            errors.append(number)
    await proxy.stop()
    count = int(await redis.ask("GET", "errand:probe"))
    expected = 1 if side == "before" else 2
    return [] if (errors, count) == ([2], expected) else [f"Redis, {side}: errors {errors}, count {count}"]


async def _check_stall(redis: RedisServer) -> list[str]:
    """A closed gate holds the answer back and breaks nothing."""
    gate = Gate()
    proxy = RedisProxy(redis.port, gate, None, _cut, "errand")
    await proxy.start()
    hold = asyncio.create_task(gate.hold(0.5))
    await asyncio.sleep(0)
    started = asyncio.get_running_loop().time()
    await resp.ask(proxy.port, REDIS_PASSWORD, "PING")
    seconds = asyncio.get_running_loop().time() - started
    await hold
    await proxy.stop()
    return [] if seconds >= 0.45 else [f"a closed gate let an answer through after {seconds:.2f} s"]


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _check_framing() -> list[str]:
    """Names and cuts are the same wherever the network splits the bytes."""
    parse = _message(b"P", b"jobs.claim_12\0UPDATE jobs\0\0\0")
    bind = _message(b"B", b"\0jobs.claim_12\0" + bytes(6))
    unnamed = _message(b"P", b"\0SELECT  1\nFROM x\0\0\0") + _message(b"B", b"\0\0" + bytes(6))
    execute, sync = _message(b"E", b"\0" + bytes(4)), _message(b"S", b"")
    stream = parse + bind + execute + unnamed + execute + sync + _message(b"Q", b"BEGIN\0")
    words = resp.encode("EVALSHA", "ab\r\ncd", 2) + b"*2\r\n$-1\r\n*1\r\n:7\r\n" + b"-ERR no\r\n"
    wrong = []
    for place in range(len(stream)):
        session = pgwire.Session()
        trips = session.feed(stream[:place]) + session.feed(stream[place:])
        if [trip.name for trip, _ in trips] != ["jobs.claim+select 1 from", "begin"]:
            wrong.append(f"PostgreSQL's messages split at {place}: {[trip.name for trip, _ in trips]}")
    for place in range(len(words)):
        data = bytearray(words[:place])
        found = resp.take(data)
        data += words[place:]
        found += resp.take(data)
        if [str(value) for value, _ in found] != ["[b'EVALSHA', b'ab\\r\\ncd', b'2']", "[None, [7]]", "ERR no"]:
            wrong.append(f"Redis' replies split at {place}: {found}")
    return wrong
