"""Celery (PyPI, an environment of its own) as a peer: one worker, its pools, with results ignored and kept in Redis."""

import os

import store
from machine import FOLDER, run
from peers import Peer, Setup

PYTHON = os.environ.get("BENCH_CELERY_PYTHON", "")


class Celery(Peer):
    database = 6
    queue = "celery"
    trial_jobs = 3_000
    jobs = 10_000
    results_database = 7

    def __init__(self):
        self.name = "Celery " + run([PYTHON, "-c", "import celery; print(celery.__version__)"]).strip()

    def environment(self, tuned: bool, results: bool) -> dict[str, str]:
        values = {"BENCH_CELERY_BROKER": store.url(self.database), "PYTHONPATH": str(FOLDER)}
        values |= {"BENCH_CELERY_TUNED": "1"} if tuned else {}
        return values | ({"BENCH_CELERY_RESULTS": store.url(self.results_database)} if results else {})

    def command(self, *more: str) -> list[str]:
        return [PYTHON, "-m", "celery", "-A", "celery_jobs", "worker", *more]

    def setups(self) -> list[Setup]:
        quiet = ["-l", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        found = []
        for results, family in ((False, self.name), (True, f"{self.name}, results in Redis")):
            for pool, number in (("prefork", 2), ("prefork", 1), ("threads", 2), ("solo", 1)):
                command = self.command(*quiet, "-P", pool, "-c", str(number))
                found.append(Setup(family, f"{pool}, -c {number}", command, self.environment(True, results), results))
        return found

    def client(self, task: str, jobs: int, tuned: bool, results: bool) -> None:
        command = [PYTHON, str(FOLDER / "celery_jobs.py"), task, str(jobs)]
        run(command, 300, env={**os.environ, **self.environment(tuned, results)})

    def load(self, jobs: int, results: bool) -> None:
        self.client("load", jobs, True, results)

    def waiting(self, redis: store.Session) -> int:
        return redis.count("LLEN", self.queue) + redis.count("HLEN", "unacked")

    def done(self, redis: store.Session) -> int:
        return redis.count("GET", "ran")

    def forget_results(self) -> None:
        with store.session(self.results_database) as redis:
            redis.ask("FLUSHDB")

    def results(self) -> int:
        with store.session(self.results_database) as redis:
            return redis.count("DBSIZE")

    def worker(self, threads: int, name: str) -> Setup:
        command = self.command("-l", "INFO", "-c", str(threads), "-n", f"{name}@%h")
        return Setup(self.name, name, command, self.environment(False, False))

    def is_ready(self, log: str) -> bool:
        return " ready." in log

    def post_slow(self, jobs: int) -> None:
        self.client("slow", jobs, False, False)
