"""HTTP/1.1 for thousands of clients at once: connections that are kept, and streams of events."""

import asyncio
import json
import time

from setting import Wrong

# What a gateway that stops, or is not there yet, answers with.
BROKEN = (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError)


class Connection:
    """One client's connection, opened when it is needed. What breaks it is raised; the next request opens another."""

    def __init__(self, port: int, key: str):
        self.port = port
        self.lines = f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
        self.writer: asyncio.StreamWriter | None = None
        # How often it broke over a job().
        self.broken = 0

    async def open(self) -> None:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def job(self, body: bytes, seconds: float) -> str:
        """Posts until there is a 202; gives the job's id. One that was lost leaves a job more. Raises Wrong."""
        deadline = time.monotonic() + seconds
        status = None
        while time.monotonic() < deadline:
            try:
                status, answer = await self.ask("POST", "/api/v1/jobs", body, seconds=30)
                if status == 202:
                    return json.loads(answer)["id"]
            except BROKEN:
                self.broken += 1
            await asyncio.sleep(0.1)
        raise Wrong(f"no job was accepted for {seconds} s; the last answer's status is {status}")

    async def ask(self, method: str, path: str, body: bytes = b"", seconds: float = 10) -> tuple[int, bytes]:
        """The status and the body of the answer. Raises what is BROKEN."""
        try:
            async with asyncio.timeout(seconds):
                await self._send(method, path, body, "")
                status, fields = await self._head()
                answer = await self.reader.readexactly(int(fields.get(b"content-length", 0)))
        except BaseException:
            self.close()
            raise
        if fields.get(b"connection") == b"close":
            self.close()
        return status, answer

    async def events(self, path: str, last: str | None):
        """Every event of a stream as (id, name, data), until the server closes it. Raises what is BROKEN."""
        try:
            await self._send("GET", path, b"", f"Last-Event-ID: {last}\r\n" if last else "")
            status, fields = await self._head()
            if status != 200 or fields.get(b"transfer-encoding") != b"chunked":
                raise ConnectionError(f"status {status} instead of a stream")
            data = b""
            async for chunk in self._chunks():
                *frames, data = (data + chunk).split(b"\n\n")
                for frame in frames:
                    yield _event(frame)
        finally:
            self.close()

    def close(self) -> None:
        if self.writer is not None:
            self.writer.transport.abort()
            self.writer = None

    async def _send(self, method: str, path: str, body: bytes, more: str) -> None:
        await self.open()
        fields = f"{self.lines}{more}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{fields}".encode() + body)

    async def _head(self) -> tuple[int, dict[bytes, bytes]]:
        first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).lower()[:-4].split(b"\r\n")
        return int(first.split(b" ", 2)[1]), dict(line.split(b": ", 1) for line in lines if b": " in line)

    async def _chunks(self):
        """https://www.rfc-editor.org/rfc/rfc9112#section-7.1"""
        while size := int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16):
            yield await self.reader.readexactly(size)
            await self.reader.readexactly(2)


def _event(frame: bytes) -> tuple[str | None, str, str]:
    """A comment has no fields: its name is empty."""
    fields = dict.fromkeys(("id", "event", "data"))
    for line in frame.decode().split("\n"):
        name, _, value = line.partition(": ")
        if name in fields:
            fields[name] = value
    return fields["id"], fields["event"] or "", fields["data"] or ""
