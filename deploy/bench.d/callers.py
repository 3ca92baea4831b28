"""What knowing the caller costs: jobs accepted a second with each kind of credential, limits counted, against a gateway
that counts nothing and knows one configured key, in the same run and in turn."""

import contextlib
import json
import os
import urllib.request

from accepts import free_port, wrk
from machine import GATEWAY, KEY, QUICK, axis, process, run, sql, wait_for

PASSWORD = "correct horse battery staple"


def ask(path: str, body: dict, token: str | None = None) -> dict:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(GATEWAY + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def person() -> str:
    """An access token."""
    email = f"bench-{os.getpid()}@example.com"
    environment = {**os.environ, "DATABASE_URL": os.environ["BENCH_WORKER_DATABASE_URL"]}
    run([os.environ["BENCH_WORKER"], "users", "create", email], env=environment, input=PASSWORD + "\n")
    return ask("/api/v1/auth/jwt/login", {"email": email, "password": PASSWORD})["access_token"]


def is_ready(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/api/v1/health/ready", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


@contextlib.contextmanager
def gateway(name: str, settings: dict[str, str]):
    """One more gateway, for the time of a block: its URL."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    usual = {"DATABASE_URL": os.environ["BENCH_GATEWAY_DATABASE_URL"], "API_KEYS": os.environ["BENCH_TENANTS"]}
    command = [os.environ["BENCH_WORKER"].removesuffix("worker") + "gateway"]
    with process(name, command, usual | {"HTTP_PORT": str(port)} | settings):
        wait_for(name, 30, lambda: is_ready(base))
        yield base


#: As before there were accounts: nothing is counted.
UNCOUNTED = {f"RATE_LIMIT_{name}": "off" for name in ("IP", "USER", "KEY", "LOGIN", "EXECUTE")}


def measure(limits: dict) -> list[dict]:
    seconds, rounds = (3, 2) if QUICK else (6, 3)
    token = person()
    key = ask("/api/v1/keys", {"name": "bench", "scopes": ["jobs:read", "jobs:write"]}, token)["key"]
    callers = {"a configured key": KEY, "an API key": key, "a person's token": token}
    rates: dict[str, list[float]] = {name: [] for name in ["plain", *callers]}
    with gateway("plain-gateway", UNCOUNTED) as plain:
        for base, credential in [(plain, KEY)] + [(GATEWAY, each) for each in callers.values()]:
            wrk(base, 1, key=credential)
        for _ in range(rounds):
            rates["plain"].append(wrk(plain, seconds)[0])
            for name, credential in callers.items():
                rates[name].append(wrk(GATEWAY, seconds, key=credential)[0])
            sql("CHECKPOINT")
    base = sum(rates["plain"]) / rounds
    return [
        axis(
            f"accept, {name}, limits counted", sum(rates[name]) / rounds, "jobs/s",
            {"without accounts and limits": base}, goal="0.75 x without", met=sum(rates[name]) / rounds >= 0.75 * base,
            runs=[round(rate) for rate in rates[name]],
        )
        for name in callers
    ]
