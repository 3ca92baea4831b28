"""Attacks on a gateway from one address, and what another client notices of them.

Needs BENCH_GATEWAY_URL and BENCH_KEY; the gateway should have its usual limits but for RATE_LIMIT_KEY, which has to let
the measured client through, and HTTP_MAX_CONNECTIONS_PER_ADDRESS above 1500. For each attack one JSON line: the 99th
percentile of a client that asks 50 times a second, as a multiple of its quiet value before, and how many of the
attackers' connections were ended and after how long at the latest. The status is 1 when a multiple exceeds 2 or a
connection outlives its bound.
"""

import http.client
import json
import multiprocessing
import os
import select
import socket
import sys
import time
import urllib.parse

ADDRESS = urllib.parse.urlsplit(os.environ["BENCH_GATEWAY_URL"])
KEY = os.environ["BENCH_KEY"]
SECONDS = int(os.environ.get("BENCH_SECONDS", "15"))
RATE = 50
GET = b"GET /api/v1/jobs?limit=1 HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + KEY.encode() + b"\r\n"


def p99(seconds: float) -> float:
    """Of a client with one kept connection, in milliseconds."""
    connection = http.client.HTTPConnection(ADDRESS.netloc, timeout=30)
    took, due = [], time.monotonic()
    end = due + seconds
    while (due := due + 1 / RATE) < end:
        time.sleep(max(0, due - time.monotonic()))
        started = time.monotonic()
        connection.request("GET", "/api/v1/jobs?limit=1", headers={"Authorization": f"Bearer {KEY}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"the measured client got {answer.status}: give it a wider RATE_LIMIT_KEY")
        took.append((time.monotonic() - started) * 1000)
    return sorted(took)[int(0.99 * len(took))]


def connect() -> socket.socket:
    return socket.create_connection((ADDRESS.hostname, ADDRESS.port), timeout=10)


class Attack:
    """Connections that do something now and then, until the other side ends them. One that is ended opens no new one."""

    connections = 200
    pause = 0.5
    #: Seconds after which a connection has to be over; None: it may stay, having done no harm.
    bound: float | None = None

    def begin(self, client: socket.socket) -> None: ...
    def go_on(self, client: socket.socket) -> None: ...

    def run(self, seconds: float, found) -> None:
        opened = {}
        for _ in range(self.connections):
            client = connect()
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
        poll = select.poll()
        poll.register(client, 0)
        return bool(poll.poll(0))


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


def main() -> int:
    p99(2)
    failed = False
    for attack in (SlowHeads(), TrickledBodies(), LongHeads(), EndlessBodies(), Floods(), UnreadAnswers()):
        quiet = p99(SECONDS / 2)
        found = multiprocessing.Queue()
        seconds = max(SECONDS, (attack.bound or 0) + 3)
        process = multiprocessing.Process(target=attack.run, args=(seconds, found), daemon=True)
        process.start()
        under = p99(seconds)
        result = found.get(timeout=60)
        process.join(10)
        ratio = under / quiet
        late = attack.bound is not None and (result["left"] > 0 or result["latest_s"] > attack.bound)
        failed |= ratio > 2 or late
        line = {"attack": type(attack).__name__, "quiet_p99_ms": round(quiet, 1), "p99_ms": round(under, 1)}
        print(json.dumps(line | {"ratio": round(ratio, 2), "bound_s": attack.bound} | result), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
