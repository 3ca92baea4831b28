"""PostgreSQL's wire protocol, version 3: messages, their round trips, and a client for the suite's own questions.

Source: https://www.postgresql.org/docs/15/protocol-message-formats.html
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import os
import re
import struct

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
READY = b"Z"


def take(data: bytearray) -> list[tuple[bytes, bytes]]:
    """Every complete message in front as (type, all its bytes); they are removed from `data`."""
    found, position = [], 0
    while len(data) >= position + 5:
        end = position + 1 + struct.unpack_from("!i", data, position + 1)[0]
        if len(data) < end:
            break
        found.append((bytes(data[position : position + 1]), bytes(data[position:end])))
        position = end
    del data[:position]
    return found


def texts(message: bytes, count: int) -> list[str]:
    """The first zero-terminated strings of a message's body."""
    return [part.decode(errors="replace") for part in message[5:].split(b"\0", count)[:count]]


def shorten(sql: str) -> str:
    """A statement without a name is called by its first words."""
    return " ".join(re.sub(r"\s+", " ", sql).strip().lower().split(" ")[:3])


class RoundTrip:
    """What a client sends until it waits for ReadyForQuery, named by the statements it executes."""

    def __init__(self):
        self.bytes = bytearray()
        self.names: list[str] = []

    @property
    def name(self) -> str:
        return "+".join(self.names) or "sync"


class Session:
    """Cuts what one client sends into round trips. Knows prepared statements by the name the client gave them."""

    def __init__(self):
        self.data = bytearray()
        self.trip = RoundTrip()
        self.unnamed = ""
        self.portals: dict[str, str] = {}

    def feed(self, more: bytes) -> list[tuple[RoundTrip | None, bytes]]:
        """What may be sent on: a whole round trip, or (None, bytes) of what belongs to none (passwords, COPY data)."""
        self.data += more
        found: list[tuple[RoundTrip | None, bytes]] = []
        for kind, message in take(self.data):
            if kind in (b"p", b"d", b"c", b"f", b"X"):
                found.append((None, message))
                continue
            self.trip.bytes += message
            self._note(kind, message)
            if kind in (b"S", b"Q", b"F"):
                found.append((self.trip, bytes(self.trip.bytes)))
                self.trip = RoundTrip()
        return found

    def _note(self, kind: bytes, message: bytes) -> None:
        if kind == b"P":
            name, sql = texts(message, 2)
            if not name:
                self.unnamed = shorten(sql)
        elif kind == b"B":
            portal, statement = texts(message, 2)
            # The program numbers its preparations: jobs.claim_7 is jobs.claim.
            self.portals[portal] = re.sub(r"_\d+$", "", statement) or self.unnamed
        elif kind == b"E":
            self.trip.names.append(self.portals.get(texts(message, 1)[0], "?"))
        elif kind == b"Q":
            self.trip.names.append(shorten(texts(message, 1)[0]))


class Refused(Exception):
    """The server answered with an error."""


class Client:
    """One session by the simple protocol, with SCRAM-SHA-256 or trust."""

    def __init__(self, port: int, user: str, password: str, database: str):
        self.port, self.user, self.password, self.database = port, user, password, database
        self.reader: asyncio.StreamReader | None = None
        self.lock = asyncio.Lock()

    async def query(self, sql: str, seconds: float = 60) -> list[list[str | None]]:
        """Rows as texts. Connects when there is no connection, and once more when the one there was has broken:
        whatever it is asked to do may be done twice. Raises OSError, TimeoutError, Refused."""
        async with self.lock, asyncio.timeout(seconds):
            if self.reader is not None:
                with contextlib.suppress(OSError):
                    return await self._ask(sql)
            return await self._ask(sql)

    async def _ask(self, sql: str) -> list[list[str | None]]:
        try:
            if self.reader is None:
                await self._connect()
            self._send(b"Q", sql.encode() + b"\0")
            return await self._answer()
        except (OSError, EOFError, asyncio.CancelledError) as error:
            self.close()
            if isinstance(error, EOFError):
                raise ConnectionError("PostgreSQL closed the connection") from error
            raise

    def close(self) -> None:
        if self.reader is not None:
            self.writer.close()
            self.reader = None

    async def _connect(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        options = f"user\0{self.user}\0database\0{self.database}\0application_name\0chaos\0\0".encode()
        self.writer.write(struct.pack("!ii", 8 + len(options), 196608) + options)
        await self._answer()

    def _send(self, kind: bytes, body: bytes) -> None:
        self.writer.write(kind + struct.pack("!i", len(body) + 4) + body)

    async def _answer(self) -> list[list[str | None]]:
        rows, failure = [], None
        while True:
            head = await self.reader.readexactly(5)
            body = await self.reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)
            kind = head[:1]
            if kind == READY:
                if failure:
                    raise Refused(failure)
                return rows
            if kind == b"D":
                rows.append(_row(body))
            elif kind == b"R":
                self._authenticate(body)
            elif kind == b"E":
                failure = failure or _error_text(body)
                if b"SFATAL" in body:
                    self.close()
                    raise ConnectionError(failure)

    def _authenticate(self, body: bytes) -> None:
        code = struct.unpack_from("!i", body)[0]
        if code == 10:
            self.nonce = base64.b64encode(os.urandom(18)).decode()
            first = f"n,,n=,r={self.nonce}".encode()
            self._send(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first)
        elif code == 11:
            self._send(b"p", _scram_proof(self.password, self.nonce, body[4:].decode()))


def _scram_proof(password: str, nonce: str, challenge: str) -> bytes:
    """RFC 5802: the proof of the password, bound to both nonces."""
    fields = dict(part.split("=", 1) for part in challenge.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    last = f"c=biws,r={fields['r']}"
    signed = f"n=,r={nonce},{challenge},{last}".encode()
    signature = hmac.digest(hashlib.sha256(client_key).digest(), signed, "sha256")
    proof = bytes(a ^ b for a, b in zip(client_key, signature))
    return f"{last},p={base64.b64encode(proof).decode()}".encode()


def _row(body: bytes) -> list[str | None]:
    count, position, row = struct.unpack_from("!h", body)[0], 2, []
    for _ in range(count):
        length = struct.unpack_from("!i", body, position)[0]
        position += 4
        row.append(None if length < 0 else body[position : position + length].decode())
        position += max(0, length)
    return row


def _error_text(body: bytes) -> str:
    fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
    return f"{fields.get(b'C', '')} {fields.get(b'M', '')}".strip()
