"""Redis' wire protocol: where one request or one reply ends, and a client for the suite's own questions.

Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

import asyncio

AGGREGATES = {b"*": 1, b"~": 1, b">": 1, b"%": 2, b"|": 2}
BLOBS = (b"$", b"=", b"!")


class Incomplete(Exception):
    """More bytes are needed."""


def parse(data: bytearray, start: int = 0) -> tuple[object, int]:
    """The value that begins at `start`, and where it ends. Errors come as Exception values, not raised."""
    line_end = data.find(b"\r\n", start)
    if line_end < 0:
        raise Incomplete
    kind, text, position = bytes(data[start : start + 1]), bytes(data[start + 1 : line_end]), line_end + 2
    if kind in BLOBS:
        return _blob(data, int(text), position)
    if kind in AGGREGATES:
        return _aggregate(data, int(text) * AGGREGATES[kind], position)
    if kind == b":":
        return int(text), position
    return (RuntimeError(text.decode(errors="replace")) if kind == b"-" else text), position


def _blob(data: bytearray, length: int, position: int) -> tuple[bytes | None, int]:
    if length < 0:
        return None, position
    if len(data) < position + length + 2:
        raise Incomplete
    return bytes(data[position : position + length]), position + length + 2


def _aggregate(data: bytearray, count: int, position: int) -> tuple[list | None, int]:
    if count < 0:
        return None, position
    values = []
    for _ in range(count):
        value, position = parse(data, position)
        values.append(value)
    return values, position


def take(data: bytearray) -> list[tuple[object, bytes]]:
    """Every complete value in front, with its bytes; they are removed from `data`."""
    found, position = [], 0
    while position < len(data):
        try:
            value, end = parse(data, position)
        except Incomplete:
            break
        found.append((value, bytes(data[position:end])))
        position = end
    del data[:position]
    return found


def encode(*words: str | bytes | int) -> bytes:
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


async def ask(port: int, password: str, *words: str | bytes | int, seconds: float = 5) -> object:
    """One command on a connection of its own; raises OSError, TimeoutError, or RuntimeError with Redis' answer."""
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(encode("AUTH", password) + encode(*words))
            data, values = bytearray(), []
            while len(values) < 2:
                if not (more := await reader.read(65536)):
                    raise ConnectionError("Redis closed the connection")
                data += more
                values += [value for value, _ in take(data)]
        finally:
            writer.close()
    if isinstance(values[1], RuntimeError):
        raise values[1]
    return values[1]
