"""What a run stands on: its folders, its PostgreSQL, its programs, named by the environment deploy/chaos sets."""

import os
import pathlib
import random
import socket
import sys
import time

# Seconds since 1970.
STARTED = float(os.environ["CHAOS_STARTED"])
CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
STATE = pathlib.Path(os.environ["CHAOS_STATE"])
PROGRAMS = pathlib.Path(os.environ["CHAOS_PROGRAMS"])
REDIS_SERVER = os.environ["CHAOS_REDIS_SERVER"]
POSTGRES_PORT = int(os.environ["CHAOS_POSTGRES_PORT"])
# The words that start this run's PostgreSQL, and its data folder: the suite kills and restarts it.
POSTGRES_COMMAND = os.environ["CHAOS_POSTGRES_COMMAND"].split("\n")
POSTGRES_DATA = pathlib.Path(os.environ["CHAOS_POSTGRES_DATA"])
PASSWORDS = {
    "errand_owner": os.environ["CHAOS_OWNER_PASSWORD"],
    "errand_gateway": os.environ["CHAOS_GATEWAY_PASSWORD"],
    "errand_worker": os.environ["CHAOS_WORKER_PASSWORD"],
}
REDIS_PASSWORD = os.environ["CHAOS_REDIS_PASSWORD"]
TENANTS = [f"00000000-0000-7000-8000-00000000000{number}" for number in range(1, 4)]
KEYS = {tenant: f"chaos-key-of-tenant-{number}" for number, tenant in enumerate(TENANTS, 1)}
TEMPLATE = "errand"
# A child started through these words ends when this process does, however it does.
TIED = ["setpriv", "--pdeathsig", "KILL"]
QUEUES = "chat,default"


class Wrong(Exception):
    """The suite itself cannot go on: a program that does not start, a step that never ends."""


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


taken_ports: set[int] = set()


def free_port() -> int:
    """A port nobody has, below those the kernel gives to outgoing connections; never the same one twice."""
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if port not in taken_ports and probe.connect_ex(("127.0.0.1", port)) != 0:
                taken_ports.add(port)
                return port
