"""Sidekiq (Debian's ruby-sidekiq) as a peer: one process, as it comes and tuned."""

import os
import re

import store
from machine import FOLDER, run
from peers import Peer, Setup

JOBS = str(FOLDER / "sidekiq_jobs.rb")


class Sidekiq(Peer):
    database = 5
    queue = "queue:default"
    trial_jobs = 20_000
    jobs = 60_000

    def __init__(self):
        version = run(["dpkg-query", "--show", "--showformat=${Version}", "ruby-sidekiq"])
        self.name = "Sidekiq " + re.match(r"[0-9.]+", version)[0]

    def setup(self, name: str, threads: int, **environment: str) -> Setup:
        command = ["sidekiq", "-r", JOBS, "-e", "production", "-c", str(threads)]
        return Setup(self.name, name, command, {"REDIS_URL": store.url(self.database), **environment})

    def setups(self) -> list[Setup]:
        tuned = {"BENCH_SIDEKIQ": "tuned"}
        found = [self.setup("default, 10 threads", 10)]
        found += [self.setup(f"hiredis, {threads} threads", threads, **tuned) for threads in (5, 10, 25)]
        found.append(self.setup("hiredis, YJIT, 10 threads", 10, RUBYOPT="--yjit", **tuned))
        return found

    def client(self, task: str, jobs: int) -> None:
        environment = {**os.environ, "REDIS_URL": store.url(self.database), "BENCH_SIDEKIQ": "tuned"}
        run(["ruby", JOBS, task, str(jobs)], env=environment)

    def load(self, jobs: int, results: bool) -> None:
        self.client("load", jobs)

    def done(self, redis: store.Session) -> int:
        return redis.count("GET", "stat:processed") - redis.count("GET", "stat:failed")

    def worker(self, threads: int, name: str) -> Setup:
        return self.setup(name, threads)

    def is_ready(self, log: str) -> bool:
        return "Booting Sidekiq" in log

    def post_slow(self, jobs: int) -> None:
        self.client("slow", jobs)
