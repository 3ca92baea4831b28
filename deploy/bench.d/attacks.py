"""Attacks on a gateway of its own with the usual limits, and what a client at another address notices of them: its 99th
percentile while each goes on, as a multiple of its quiet value just before; how many of the attackers' connections were
ended, and after how long at the latest.
"""

import http.client
import multiprocessing
import select
import socket
import time
import urllib.parse

from callers import gateway
from machine import KEY, QUICK, Wrong, axis

SECONDS = 10 if QUICK else 20
RATE = 50
#: Linux has all of 127.0.0.0/8: so that attackers have the limits of their address, not those of the measured client.
ATTACKER = "127.0.0.66"
GET = b"GET /api/v1/jobs?limit=1 HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + KEY.encode() + b"\r\n"


def p99(address: urllib.parse.SplitResult, seconds: float) -> float:
    """Of a client with one kept connection, in milliseconds."""
    connection = http.client.HTTPConnection(address.netloc, timeout=30)
    took, due = [], time.monotonic()
    end = due + seconds
    while (due := due + 1 / RATE) < end:
        time.sleep(max(0, due - time.monotonic()))
        started = time.monotonic()
        connection.request("GET", "/api/v1/jobs?limit=1", headers={"Authorization": f"Bearer {KEY}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise Wrong(f"the measured client got {answer.status}")
        took.append((time.monotonic() - started) * 1000)
    return sorted(took)[int(0.99 * len(took))]


class Attack:
    """Connections that do something now and then, until the other side ends them. One that is ended opens no new one."""

    connections = 200
    pause = 0.5
    #: Seconds after which a connection has to be over; None: it may stay, having done no harm.
    bound: float | None = None

    def begin(self, client: socket.socket) -> None: ...
    def go_on(self, client: socket.socket) -> None: ...

    def run(self, address: urllib.parse.SplitResult, seconds: float, found) -> None:
        opened = {}
        for _ in range(self.connections):
            client = socket.create_connection((address.hostname, address.port), 10, (ATTACKER, 0))
            opened[client] = time.monotonic()
            self.attempt(self.begin, client)
        ended, latest, end = 0, 0.0, time.monotonic() + seconds
        while opened and time.monotonic() < end:
            for client in list(opened):
                if self.attempt(self.go_on, client) and not self.is_over(client):
                    continue
                latest, ended = max(latest, time.monotonic() - opened.pop(client)), ended + 1
                client.close()
            time.sleep(self.pause)
        oldest = max((time.monotonic() - since for since in opened.values()), default=0.0)
        found.put({"ended": ended, "left": len(opened), "latest_s": round(latest, 1), "oldest_s": round(oldest, 1)})

    def attempt(self, action, client: socket.socket) -> bool:
        try:
            client.settimeout(0.2)
            action(client)
        except TimeoutError:
            return True
        except OSError:
            return False
        return True

    def is_over(self, client: socket.socket) -> bool:
        readable, _, _ = select.select([client], [], [], 0)
        try:
            return bool(readable) and not self.reads(client)
        except OSError:
            return True

    def reads(self, client: socket.socket) -> bytes:
        return client.recv(65536)


class SlowHeads(Attack):
    connections = 1000
    bound = 14

    def begin(self, client):
        client.sendall(GET)

    def go_on(self, client):
        client.sendall(b"X-A: b\r\n")


class TrickledBodies(Attack):
    bound = 16

    def begin(self, client):
        client.sendall(POST + b"Content-Length: 100000\r\n\r\n{")

    def go_on(self, client):
        client.sendall(b" ")


class UnreadAnswers(Attack):
    """Asks for a long document again and again, and never reads."""

    connections = 50
    bound = 45

    def begin(self, client):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 200)

    def is_over(self, client):
        """By the server's end: a client that does not read does not hear that it has been left."""
        here, there = (f"{port:04X}" for port in (client.getsockname()[1], client.getpeername()[1]))
        with open("/proc/net/tcp") as table:
            ends = [line.split()[1:4] for line in table]
        established = [(local[-4:], remote[-4:]) for local, remote, state in ends[1:] if state == "01"]
        return (there, here) not in established


class LongHeads(Attack):
    bound = 5

    def begin(self, client):
        client.sendall(GET + b"".join(b"X-%d: %s\r\n" % (i, b"a" * 1000) for i in range(10)) + b"Connection: close\r\n\r\n")


class EndlessBodies(Attack):
    connections = 8
    pause = 0.01
    bound = 6

    def begin(self, client):
        client.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n")

    def go_on(self, client):
        client.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")


class Floods(Attack):
    """Requests without waiting for answers; nobody has said who they are from."""

    connections = 8
    pause = 0.01
    bound = 10

    def begin(self, client):
        client.sendall(GET + b"\r\n")

    def go_on(self, client):
        client.sendall((GET + b"\r\n") * 100)


ATTACKS = [SlowHeads, TrickledBodies, LongHeads, EndlessBodies, Floods, UnreadAnswers]


def suffer(attack: Attack, address: urllib.parse.SplitResult) -> dict:
    quiet = p99(address, SECONDS / 2)
    found = multiprocessing.Queue()
    seconds = max(SECONDS, (attack.bound or 0) + 3)
    attacker = multiprocessing.Process(target=attack.run, args=(address, seconds, found), daemon=True)
    attacker.start()
    under = p99(address, seconds)
    result = found.get(timeout=60)
    attacker.join(10)
    is_late = attack.bound is not None and (result["left"] > 0 or result["latest_s"] > attack.bound)
    name = "".join(" " + letter.lower() if letter.isupper() else letter for letter in type(attack).__name__).strip()
    return axis(
        f"p99 of others under {attack.connections} {name}", under, "ms", {"quiet": quiet},
        goal=f"2 x quiet, each ended within {attack.bound} s", met=under <= 2 * quiet and not is_late, **result,
    )


def measure(limits: dict) -> list[dict]:
    with gateway("attacked-gateway", {"RATE_LIMIT_KEY": "off"}) as base:
        address = urllib.parse.urlsplit(base)
        p99(address, 2)
        return [suffer(attack(), address) for attack in ATTACKS]
