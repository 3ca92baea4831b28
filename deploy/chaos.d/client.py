"""The client: posts jobs, tries again when it may, and keeps its own log of what was promised to it."""

import asyncio
import datetime
import dataclasses
import json
import math
import time
import uuid

from setting import KEYS, TENANTS

RETRIES_SECONDS = 30


@dataclasses.dataclass
class Request:
    """One thing the client wants, however often it has to ask for it."""

    path: str
    body: dict
    tenant: str
    # A request with a key may be repeated; one without is sent once.
    key: str | None = None
    # Found again in the payload of whatever job the request made.
    marker: str | None = None
    # When it was sent for the first time.
    sent: float = math.inf
    # How many rows it may leave.
    makes: float = 1
    # The job, or the batch, of every 202, in the order of the answers.
    made: list[str] = dataclasses.field(default_factory=list)
    # The jobs it was promised.
    jobs: list[str] = dataclasses.field(default_factory=list)
    # When the first of them came.
    accepted: float | None = None
    # When somebody took the wish to cancel it; asked: whether anybody was asked to.
    cancelled: float | None = None
    asked_to_cancel: bool = False
    # The last 202's body.
    answer: dict | None = None

    def note(self, answer: dict) -> None:
        self.answer = answer
        self.made.append(answer["id"])
        self.jobs += answer.get("job_ids", [answer["id"]])
        self.accepted = self.accepted or time.time()


class Unavailable(Exception):
    """No answer, or one that says to come again."""


class Unsupported(Exception):
    """This gateway has no such route: its programs are older than what is tried here."""


async def exchange(port: int, method: str, path: str, tenant: str, body: bytes, key: str | None, seconds: float):
    """(status, body) of one HTTP request on a connection of its own."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {KEYS[tenant]}"]
    lines += ["Connection: close", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"Idempotency-Key: {key}"] if key else []
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            head = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
            lengths = [int(line[15:]) for line in head if line.startswith(b"content-length:")]
            return int(head[0].split(b" ", 2)[1]), await reader.readexactly(lengths[0] if lengths else 0)
        finally:
            writer.transport.abort()


class Client:
    """Talks to any of some gateways; what fails at one goes to the next."""

    def __init__(self, ports: list[int]):
        self.ports = ports
        self.requests: list[Request] = []
        self.refused: list[str] = []
        # When each schedule's first tick is.
        self.first_ticks: dict[str, float] = {}
        self.turn = 0

    async def job(self, tenant: str = TENANTS[0], keyed: bool = False, ordered: bool = False, key: str | None = None,
                  unique: dict | None = None, **payload) -> Request:
        """A noop. Its ordering key, when it has one of its own, says later which request made a job."""
        marker = uuid.uuid4().hex if ordered and key is None else None
        if marker or key:
            payload["key"] = key or marker
        body = noop(**payload) | ({"unique": unique} if unique else {})
        return await self.send(Request("/api/v1/jobs", body, tenant, uuid.uuid4().hex if keyed else None, marker))

    async def message(self, tenant: str = TENANTS[0], text: str = "ping", conversation: str | None = None) -> Request:
        more = {"conversation_id": conversation} if conversation else {}
        return await self.send(Request("/api/v1/chat/messages", {"message": text, **more}, tenant, uuid.uuid4().hex))

    async def batch(self, jobs: list[dict], callback: dict) -> Request:
        body = {"jobs": jobs, "callback": callback}
        request = Request("/api/v1/batches", body, TENANTS[0], uuid.uuid4().hex, makes=len(jobs) + 1)
        return await self.send(request)

    async def ask_again(self, requests: list[Request]) -> None:
        """As after a lost answer: a client that saw a 202 gets the same job once more."""
        for request in requests:
            if request.key and request.answer:
                await self._try(request)

    async def send(self, request: Request) -> Request:
        """Until there is a 202; a request without a key is sent once only, whatever comes of it."""
        self.requests.append(request)
        request.sent = time.time()
        await self._try(request)
        return request

    async def _try(self, request: Request) -> None:
        deadline = time.monotonic() + RETRIES_SECONDS
        while True:
            try:
                request.note(await self.ask("POST", request.path, request.tenant, request.body, request.key))
                return
            except (OSError, EOFError, TimeoutError, Unavailable):
                if request.key is None or time.monotonic() > deadline:
                    return
                await asyncio.sleep(0.1)

    async def ask(self, method: str, path: str, tenant: str, body: dict | None = None, key: str | None = None) -> dict:
        """The JSON of a 2xx. Raises Unavailable, OSError, EOFError or TimeoutError: perhaps it was carried out."""
        self.turn += 1
        port = self.ports[self.turn % len(self.ports)]
        content = b"" if body is None else json.dumps(body).encode()
        status, answer = await exchange(port, method, path, tenant, content, key, 10)
        if 200 <= status < 300:
            return json.loads(answer)
        if status < 500 and status not in (409, 429):
            self.refused.append(f"{status} for {path}: {answer[:200]!r}")
        raise Unavailable(status)

    async def insist(self, method: str, path: str, tenant: str, body: dict | None = None) -> dict | None:
        """For what may be repeated. None: it was not to be had."""
        deadline = time.monotonic() + RETRIES_SECONDS
        while time.monotonic() < deadline:
            try:
                return await self.ask(method, path, tenant, body)
            except (OSError, EOFError, TimeoutError, Unavailable):
                await asyncio.sleep(0.1)
        return None

    async def cancel(self, request: Request) -> None:
        request.asked_to_cancel = True
        if request.jobs and await self.insist("POST", f"/api/v1/jobs/{request.jobs[0]}/cancel", request.tenant):
            request.cancelled = time.time()

    async def schedule(self, name: str, job: dict) -> None:
        """A tick every second. How many jobs it makes, its ticks tell."""
        path = f"/api/v1/schedules/{name}"
        if answer := await self.insist("PUT", path, TENANTS[0], {"every_seconds": 1, "job": job}):
            self.first_ticks[name] = datetime.datetime.fromisoformat(answer["next_at"]).timestamp()
            self.requests.append(Request(path, job, TENANTS[0], makes=math.inf))

    async def require(self, path: str) -> None:
        status, _ = await exchange(self.ports[0], "GET", path, TENANTS[0], b"", None, 10)
        if status == 404:
            raise Unsupported(path)


def noop(**payload) -> dict:
    return {"kind": "noop", "payload": payload}
