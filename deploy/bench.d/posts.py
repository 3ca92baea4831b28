"""Jobs posted to the gateway, a given number of them or one by one."""

import concurrent.futures
import http.client
import json
import urllib.parse

from machine import GATEWAY, KEY, Wrong

POSTERS = 16


class Client:
    """One kept-alive connection of one tenant."""

    def __init__(self, key: str = KEY):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(GATEWAY).netloc, timeout=60)
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: str | None, status: int) -> dict:
        self.connection.request(method, path, body, self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != status:
            raise Wrong(f"{method} {path}: status {answer.status}: {content[:300]!r}")
        return json.loads(content)

    def post(self, body: str) -> dict:
        return self.ask("POST", "/api/v1/jobs", body, 202)


def noop(**payload: int) -> str:
    return json.dumps({"kind": "noop", "payload": payload})


def post(jobs: int, body: str) -> list[str]:
    """That many jobs, posted side by side; their ids."""

    def share(number: int) -> list[str]:
        client = Client()
        return [client.post(body)["id"] for _ in range(number, jobs, POSTERS)]

    with concurrent.futures.ThreadPoolExecutor(POSTERS) as posters:
        return [job for part in posters.map(share, range(POSTERS)) for job in part]
