"""Proxies between one program and its stores. They see every boundary, and can hit the program at exactly one."""

import asyncio
import collections
import contextlib
import struct
import time

import pgwire
import resp
from boundary import Watch, redis_name

CHUNK = 1 << 16
SUBSCRIBING = ("SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE")
PUSHES = (b"message", b"pmessage", b"smessage")


class Cut(Exception):
    """This connection ends here, in the middle of what it did."""


class Gate:
    """Closed: nothing passes in either direction, and no connection breaks: a black hole."""

    def __init__(self):
        self.open = asyncio.Event()
        self.open.set()

    async def hold(self, seconds: float) -> None:
        self.open.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            self.open.set()


class Proxy:
    """Listens on a port of its own and connects each client to `upstream`. Subclasses read along."""

    store = ""

    def __init__(self, upstream: int, gate: Gate, watch: Watch | None, act, prefix: str = ""):
        """Without a watch bytes pass unread. `act(action)` hits the program; it may raise Cut."""
        self.upstream, self.gate, self.watch, self.act, self.prefix = upstream, gate, watch, act, prefix
        self.links: set[asyncio.Task] = set()

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self.server.close()
        self.cut_all()
        await asyncio.gather(*self.links, return_exceptions=True)

    def cut_all(self) -> None:
        for link in self.links:
            link.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.links.add(asyncio.current_task())
        ends = [writer]
        try:
            await self.gate.open.wait()
            there, upstream = await asyncio.open_connection("127.0.0.1", self.upstream)
            ends.append(upstream)
            await self._join(reader, writer, there, upstream)
            for end in ends:
                end.close()
        except (OSError, EOFError, Cut, asyncio.CancelledError):
            for end in ends:
                end.transport.abort()
        finally:
            self.links.discard(asyncio.current_task())

    async def _join(self, reader, writer, there, upstream) -> None:
        """Until either direction ends."""
        link = self.link(writer, upstream) if self.watch else Link(self, writer, upstream)
        ways = [asyncio.create_task(link.carry_out(reader)), asyncio.create_task(link.carry_back(there))]
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in done:
                way.result()
        finally:
            for way in ways:
                way.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*ways, return_exceptions=True)

    def link(self, client, server) -> "Link":
        raise NotImplementedError

    async def pass_boundary(self, side: str, name: str) -> None:
        action = self.watch.note(side, self.store, name)
        if action:
            self.watch.blow.at = time.time()
            await self.act(action)


class Link:
    """One client's connection and its connection to the store. This one only carries bytes."""

    def __init__(self, proxy: Proxy, client: asyncio.StreamWriter, server: asyncio.StreamWriter):
        self.proxy, self.client, self.server = proxy, client, server

    async def carry_out(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(CHUNK):
            await self.proxy.gate.open.wait()
            await self.requested(data)
            await self.server.drain()

    async def carry_back(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(CHUNK):
            await self.proxy.gate.open.wait()
            await self.answered(data)
            await self.client.drain()
        self.finished()

    def finished(self) -> None:
        """The store has closed the connection."""

    async def requested(self, data: bytes) -> None:
        self.server.write(data)

    async def answered(self, data: bytes) -> None:
        self.client.write(data)


class RedisLink(Link):
    def __init__(self, proxy, client, server):
        super().__init__(proxy, client, server)
        self.out, self.back = bytearray(), bytearray()
        self.pending: collections.deque[str] = collections.deque()

    async def requested(self, data: bytes) -> None:
        self.out += data
        for words, message in resp.take(self.out):
            name = redis_name(words, self.proxy.prefix)
            await self.proxy.pass_boundary("before", name)
            replies = max(1, len(words) - 1) if name.split(" ")[0] in SUBSCRIBING else 1
            self.pending.extend([name] * replies)
            self.server.write(message)

    async def answered(self, data: bytes) -> None:
        self.back += data
        for value, message in resp.take(self.back):
            if isinstance(value, list) and value and value[0] in PUSHES:
                await self.proxy.pass_boundary("after", redis_name([b"message"] + value[-2:], self.proxy.prefix))
            else:
                await self.proxy.pass_boundary("after", self.pending.popleft() if self.pending else "?")
            self.client.write(message)


class RedisProxy(Proxy):
    store = "redis"

    def link(self, client, server):
        return RedisLink(self, client, server)


class PostgresLink(Link):
    def __init__(self, proxy, client, server):
        super().__init__(proxy, client, server)
        self.opening: bytearray | None = bytearray()
        self.session = pgwire.Session()
        self.back, self.answer = bytearray(), bytearray()
        self.pending: collections.deque[str] = collections.deque()

    async def requested(self, data: bytes) -> None:
        if self.opening is not None:
            self.opening += data
            data = await self._open()
        for trip, message in self.session.feed(data):
            if trip is not None:
                await self.proxy.pass_boundary("before", trip.name)
                self.pending.append(trip.name)
            self.server.write(message)

    async def _open(self) -> bytes:
        """The packets before the protocol proper: encryption is refused, a cancel request passes, a startup begins."""
        while self.opening is not None and len(self.opening) >= 8:
            length, code = struct.unpack_from("!ii", self.opening)
            if len(self.opening) < length:
                break
            packet = bytes(self.opening[:length])
            del self.opening[:length]
            if code in (pgwire.SSL_REQUEST, pgwire.GSS_REQUEST):
                self.client.write(b"N")
                continue
            name = "cancel" if code == pgwire.CANCEL_REQUEST else "connect"
            await self.proxy.pass_boundary("before", name)
            self.pending.append(name)
            self.server.write(packet)
            rest, self.opening = bytes(self.opening), None
            return rest
        return b""

    async def answered(self, data: bytes) -> None:
        """Authentication passes at once; any other answer is held until it is whole, so that it can be kept back."""
        self.back += data
        for kind, message in pgwire.take(self.back):
            self.answer += message
            if kind == pgwire.READY:
                await self.proxy.pass_boundary("after", self.pending.popleft() if self.pending else "?")
            if kind in (pgwire.READY, b"R", b"G", b"W", b"H") or not self.pending:
                self.finished()

    def finished(self) -> None:
        self.client.write(bytes(self.answer))
        self.answer.clear()


class PostgresProxy(Proxy):
    store = "postgres"

    def link(self, client, server):
        return PostgresLink(self, client, server)
