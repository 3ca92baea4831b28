#!/usr/bin/env python3
"""What many WebSockets cost a gateway: each posts one job and follows it to its end. Prints the gateway's memory and
CPU time, and fails when a socket did not get every event of its job exactly once.

The gateway must allow that many sockets of one key: WS_MAX_SOCKETS_EACH."""

import argparse
import asyncio
import json
import os
import pathlib
import resource
import struct
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from usage import cpu_seconds, peak_megabytes, tree  # noqa: E402

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
HANDSHAKE = (
    "GET /api/v1/ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2l4dGVlbiBieXRlcyBiMQ==\r\nAuthorization: Bearer {key}\r\n\r\n"
)


def resident_megabytes(process: int) -> float:
    pages = sum(int(pathlib.Path(f"/proc/{one}/statm").read_text().split()[1]) for one in tree(process))
    return pages * resource.getpagesize() / 1e6


class Socket:
    """One client. Masks with zeros, which are a key like any other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, host: str, port: int, key: str) -> "Socket":
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(HANDSHAKE.format(host=host, key=key).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise SystemExit(f"sockets: refused: {head.decode()}")
        socket = cls(reader, writer)
        assert (await socket.message())["type"] == "welcome"
        return socket

    def send(self, opcode: int, payload: bytes) -> None:
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
        self.writer.write(bytes([0x80 | opcode]) + size + bytes(4) + payload)

    async def message(self) -> dict:
        while True:
            first, size = await self.reader.readexactly(2)
            if size >= 126:
                kind = ">H" if size == 126 else ">Q"
                (size,) = struct.unpack(kind, await self.reader.readexactly(struct.calcsize(kind)))
            payload = await self.reader.readexactly(size)
            if first & 15 == TEXT:
                return json.loads(payload)
            if first & 15 == PING:
                self.send(PONG, payload)
            if first & 15 == CLOSE:
                raise SystemExit(f"sockets: closed: {payload!r}")

    async def follow(self, seconds: float, events: int) -> int:
        """Posts a job and follows it; how many events came."""
        payload = {"sleep_ms": int(seconds * 1000), "emit": events}
        post = {"type": "post", "follow": True, "job": {"kind": "noop", "payload": payload}}
        self.send(TEXT, json.dumps(post).encode())
        text, ids = "", []
        while True:
            message = await self.message()
            if message["type"] == "error":
                raise SystemExit(f"sockets: {message}")
            if message["type"] != "event":
                continue
            if message["event"] == "end":
                break
            ids.append(message["id"])
            text += message["data"].get("text", "")
        if text != "".join(f"{number} " for number in range(1, events + 1)) or len(set(ids)) != len(ids):
            raise SystemExit(f"sockets: a job's text came as {text!r} in {ids}")
        return len(ids)


async def measure(arguments: argparse.Namespace) -> None:
    url = urllib.parse.urlsplit(arguments.url)
    before, cpu = resident_megabytes(arguments.process), cpu_seconds(arguments.process)
    started = time.monotonic()
    sockets = []
    for first in range(0, arguments.sockets, 50):
        count = min(50, arguments.sockets - first)
        some = [Socket.open(url.hostname, url.port, arguments.key) for _ in range(count)]
        sockets += await asyncio.gather(*some)
    opened, idle = time.monotonic() - started, resident_megabytes(arguments.process)
    opening = cpu_seconds(arguments.process) - cpu
    started = time.monotonic()
    jobs = [socket.follow(arguments.seconds, arguments.events) for socket in sockets]
    events = sum(await asyncio.gather(*jobs))
    following, peak = time.monotonic() - started, peak_megabytes(arguments.process)
    spent = cpu_seconds(arguments.process) - cpu - opening
    number = len(sockets)
    print(f"{number:,} sockets opened in {opened:.1f} s, {opening * 1000 / number:.2f} ms of the gateway's CPU each")
    print(f"open and idle: {idle - before:.1f} MB over {before:.1f} MB, {(idle - before) * 1000 / number:.1f} kB each")
    print(f"each posts a job and follows it for {arguments.seconds:g} s: {events:,} events in {following:.1f} s,")
    print(f"  {spent:.1f} s of CPU ({100 * spent / following:.0f} % of one core), at most {peak:.1f} MB resident")
    print(f"  {(peak - before) * 1000 / number:.1f} kB each at the most; every text whole, no event twice")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="http://host:port of the gateway")
    parser.add_argument("--key", default=os.environ.get("ERRAND_KEY", ""), help="an API key (or ERRAND_KEY)")
    parser.add_argument("--process", type=int, required=True, help="the gateway's process id")
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=15, help="how long each job takes")
    parser.add_argument("--events", type=int, default=30, help="pieces of text of each job")
    asyncio.run(measure(parser.parse_args()))


main()
