"""The run's Redis as its peers use it: each has a database of its own."""

import contextlib
import os
import subprocess
import urllib.parse

COMMAND = ["redis-cli", "-h", "127.0.0.1", "-p", os.environ["BENCH_REDIS_PORT"]]


def url(database: int) -> str:
    return urllib.parse.urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{database}").geturl()


class Session:
    """One connection, for commands that are answered in one line."""

    def __init__(self, database: int, shell: subprocess.Popen):
        self.database = database
        self.shell = shell

    def ask(self, *words: str) -> str:
        self.shell.stdin.write(" ".join(words) + "\n")
        self.shell.stdin.flush()
        return self.shell.stdout.readline().strip()

    def count(self, *words: str) -> int:
        return int(self.ask(*words) or 0)


@contextlib.contextmanager
def session(database: int):
    command = COMMAND + ["-n", str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as shell:
        try:
            yield Session(database, shell)
        finally:
            shell.kill()


def entries(database: int, key: str) -> list[str]:
    """A whole list."""
    done = subprocess.run(
        COMMAND + ["-n", str(database), "LRANGE", key, "0", "-1"], capture_output=True, text=True, check=True
    )
    return done.stdout.split("\n")[:-1] if done.stdout.strip() else []
