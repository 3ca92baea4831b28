"""The waiters are checked: at a gateway that does wrong, they have to notice."""

import asyncio
import datetime
import json
import re
import time

import readers
from checker import Verdict
from delays import Delays
from readers import Reader
from setting import TENANTS
from waiters import CONNECTIONS, Waiters

WAIT_SECONDS, PATIENCE_SECONDS, JOB_SECONDS = 6, 7, 0.2

# How a gateway answers ?wait: the seconds it takes, and whether the job's end is in the answer. Then what the waiters
# must have counted, each client once: missed, overslept, late.
WAITS = {
    "honest": (JOB_SECONDS, True, (0, 0, 0)),
    "slow": (JOB_SECONDS + 2.5, True, (0, 0, 1)),
    "deaf until the wait is over": (WAIT_SECONDS, True, (0, 1, 1)),
    "never tells": (WAIT_SECONDS, False, (1, 0, 0)),
}
PIECES = list(range(1, readers.PIECES + 1))
# What a stream says, whether it says the end, and how long after that was. Then what the readers must have counted:
# ended, torn, overslept.
STREAMS = {
    "honest": (PIECES, True, 0, (1, 0, 0)),
    "a piece is missing": (PIECES[1:], True, 0, (1, 1, 0)),
    "a piece comes twice": ([1, *PIECES], True, 0, (1, 1, 0)),
    "no end": (PIECES, False, 0, (0, 0, 0)),
    "the end is found by the clock": (PIECES, True, 9, (1, 0, 1)),
}


class Pretender:
    """In a gateway's place."""

    def __init__(self, seconds: float, tells: bool, pieces: list[int] = PIECES, lag_seconds: float = 0):
        self.seconds, self.tells, self.pieces, self.lag_seconds = seconds, tells, pieces, lag_seconds

    async def __aenter__(self) -> int:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1]

    async def __aexit__(self, *_) -> None:
        self.server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted = time.time()
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(re.search(rb"Content-Length: (\d+)", head)[1]))
                if head.startswith(b"POST"):
                    accepted = time.time()
                    self._answer(writer, 202, {"id": "job"})
                elif b"/events" in head:
                    self._stream(writer)
                    break
                else:
                    await asyncio.sleep(self.seconds)
                    self._answer(writer, 200, self._job(accepted))
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    def _job(self, accepted: float) -> dict:
        finished = datetime.datetime.fromtimestamp(accepted + JOB_SECONDS, datetime.UTC).isoformat()
        return {"state": "succeeded", "finished_at": finished} if self.tells else {"state": "running"}

    @staticmethod
    def _answer(writer: asyncio.StreamWriter, status: int, body: dict) -> None:
        content = json.dumps(body).encode()
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)

    def _stream(self, writer: asyncio.StreamWriter) -> None:
        events = [("attempt", {"attempt": 1}), *(("delta", {"text": f"{piece} "}) for piece in self.pieces)]
        events += [("end", self._job(time.time() - self.lag_seconds - JOB_SECONDS))] if self.tells else []
        frames = [f"event: {name}\ndata: {json.dumps(data)}\n\n".encode() for name, data in events]
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for frame in (b":\n\n", *frames):
            writer.write(f"{len(frame):x}\r\n".encode() + frame + b"\r\n")
        writer.write(b"0\r\n\r\n")


async def run() -> list[str]:
    """What they overlooked."""
    waits = [_check_wait(name, *case) for name, case in WAITS.items()]
    streams = [_check_stream(name, *case) for name, case in STREAMS.items()]
    return [wrong for wrongs in await asyncio.gather(*waits, *streams) for wrong in wrongs]


async def _check_wait(name: str, seconds: float, tells: bool, expected: tuple[int, int, int]) -> list[str]:
    async with Pretender(seconds, tells) as port:
        waiters = Waiters(port, CONNECTIONS, 1, WAIT_SECONDS, PATIENCE_SECONDS)
        await waiters.run()
    found = len(waiters.missed), waiters.overslept, len(waiters.delays.late)
    wanted = tuple(CONNECTIONS * count for count in expected)
    return [] if found == wanted else [f"waiters, {name}: missed, overslept, late {found} instead of {wanted}"]


async def _check_stream(
    name: str, pieces: list[int], tells: bool, lag_seconds: float, expected: tuple[int, int, int]
) -> list[str]:
    async with Pretender(0, tells, pieces, lag_seconds) as port:
        reader = Reader(port, "job", TENANTS[0], asyncio.Semaphore(1), Delays(), 1.0)
        reader.asked -= lag_seconds
        failures = await asyncio.gather(reader.run(Reader.stream), return_exceptions=True)
    verdict = Verdict()
    figures = readers.judge([reader], [reader], failures, verdict)
    found = figures["readers_ended"], figures["streams_torn"], figures["readers_overslept"]
    if found == expected and verdict.is_clean == (name == "honest"):
        return []
    return [f"readers, {name}: ended, torn, overslept {found} instead of {expected}; objections {verdict.objections}"]
