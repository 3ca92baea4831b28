"""Other job systems in the same run, on the same Redis: what they drain, and what they bring back after kill -9."""

import contextlib
import dataclasses
import os
import subprocess
import time

import store
from machine import QUICK, REDIS, STATE, Wrong, axis, kill, process, wait_for
from usage import cpu_seconds, peak_megabytes, tree

IN_FLIGHT = 20
PATIENCE_SECONDS = 90


@dataclasses.dataclass(frozen=True)
class Figures:
    """One drain: jobs a second, CPU seconds for 10,000 jobs (all processes), the worker's peak memory in MB."""

    family: str
    setup: str
    jobs: int
    rate: float
    cpu: float
    memory: float

    @property
    def full_name(self) -> str:
        return f"{self.family} ({self.setup})"


@dataclasses.dataclass(frozen=True)
class Setup:
    """One way to run a peer's worker. Setups of one family do the same work; the best of them stands for it."""

    family: str
    name: str
    command: list[str]
    environment: dict[str, str]
    results: bool = False


class Peer:
    """What the measurements need to know of a peer."""

    name: str
    # Its Redis database, the key of its queue there, and how many jobs a trial and the final run take.
    database: int
    queue: str
    trial_jobs: int
    jobs: int

    def setups(self) -> list[Setup]:
        raise NotImplementedError

    def load(self, jobs: int, results: bool) -> None:
        """Puts no-op jobs into its queue, by its own client."""
        raise NotImplementedError

    def waiting(self, redis: store.Session) -> int:
        """Jobs that nobody has begun."""
        return redis.count("LLEN", self.queue)

    def done(self, redis: store.Session) -> int:
        """Jobs done since the database was empty, by its own count, once its workers have ended."""
        raise NotImplementedError

    def forget_results(self) -> None:
        """Before a drain that is to keep results."""

    def results(self) -> int:
        """How many jobs' results it keeps."""
        raise NotImplementedError

    def worker(self, threads: int, name: str) -> Setup:
        """A worker as it comes, with so many jobs at once."""
        raise NotImplementedError

    def is_ready(self, log: str) -> bool:
        """Whether a worker that wrote this takes jobs."""
        raise NotImplementedError

    def post_slow(self, jobs: int) -> None:
        """Puts jobs of 5 s into its queue; each notes `id process time` in the list `starts`, and `ends`."""
        raise NotImplementedError


def chosen() -> list[Peer]:
    wanted = os.environ.get("BENCH_PEERS", "").split()
    found = []
    if "sidekiq" in wanted:
        from sidekiq_peer import Sidekiq

        found.append(Sidekiq())
    if "celery" in wanted:
        from celery_peer import Celery

        found.append(Celery())
    return found


def drain(peer: Peer, setup: Setup, jobs: int) -> Figures:
    """Counted after the first twentieth, when every process and connection is warm."""
    with store.session(peer.database) as redis:
        redis.ask("DEL", peer.queue)
        redis.ask("COPY", f"loaded:{setup.results}", peer.queue)
        redis.ask("LTRIM", peer.queue, "0", str(jobs - 1))
        before = peer.done(redis)
        peer.forget_results()
        with process(f"{peer.name.split()[0].lower()}-drain", setup.command, setup.environment) as started:
            wait_for(f"{peer.name} at work", 60, lambda: peer.waiting(redis) <= jobs * 0.95, 0.005)
            left, used, begun = peer.waiting(redis), cpu_seconds(started.pid, REDIS), time.monotonic()
            wait_for(f"{peer.name}: {jobs} jobs begun", 300, lambda: peer.waiting(redis) == 0, 0.005)
            seconds, used = time.monotonic() - begun, cpu_seconds(started.pid, REDIS) - used
            memory = peak_megabytes(started.pid)
        if (ran := peer.done(redis) - before) != jobs:
            raise Wrong(f"{peer.name}, {setup.name}: {jobs} jobs were queued, it says it did {ran}")
        if setup.results and (kept := peer.results()) != jobs:
            raise Wrong(f"{peer.name}, {setup.name}: {jobs} jobs were queued, it keeps {kept} results")
    return Figures(setup.family, setup.name, jobs, left / seconds, used / left * 10_000, memory)


def drain_peer(peer: Peer) -> dict[str, list[Figures]]:
    """By family: every setup once with few jobs, and at last the fastest again with more."""
    with store.session(peer.database) as redis:
        redis.ask("FLUSHDB")
    setups = peer.setups()
    scale = 2 if QUICK else 1
    for results in {setup.results for setup in setups}:
        peer.load(peer.jobs // scale, results)
        with store.session(peer.database) as redis:
            redis.ask("RENAME", peer.queue, f"loaded:{results}")
    trials: dict[str, list[Figures]] = {}
    for setup in setups:
        trials.setdefault(setup.family, []).append(drain(peer, setup, peer.trial_jobs // scale))
    for family, figures in trials.items():
        fastest = max(figures, key=lambda each: each.rate).setup
        setup = next(setup for setup in setups if (setup.family, setup.name) == (family, fastest))
        figures.append(drain(peer, setup, peer.jobs // scale))
    return trials


def drain_all() -> dict[str, list[Figures]]:
    return {family: figures for peer in chosen() for family, figures in drain_peer(peer).items()}


def line(runs: list[Figures]) -> dict:
    """A peer's own line of the report: the best of all its runs, and what each came to."""
    best = max(runs, key=lambda each: each.rate)
    each = [{"setup": run.setup, "jobs": run.jobs, "rate": round(run.rate), "cpu": round(run.cpu, 2)} for run in runs]
    note = f"{best.setup}; {best.cpu:.2f} CPU s/10,000 jobs, {best.memory:.0f} MB"
    return axis(f"peer's drain: {best.family}", best.rate, "jobs/s", {}, note=note, runs=each)


@dataclasses.dataclass
class Fall:
    """A killed worker: when, what it was doing, and how long each of its jobs waited to be begun again elsewhere."""

    peer: Peer
    killed: float
    in_flight: set[str]
    back: dict[str, float]

    def look(self) -> bool:
        """Whether there is nothing left to wait for."""
        for job, _, moment in notes(self.peer, "starts"):
            if job in self.in_flight and float(moment) > self.killed:
                self.back.setdefault(job, float(moment) - self.killed)
        return len(self.back) == len(self.in_flight) or time.time() - self.killed > PATIENCE_SECONDS

    def unfinished(self) -> int:
        return 2 * IN_FLIGHT - len({job for job, *_ in notes(self.peer, "ends")})


def notes(peer: Peer, kind: str) -> list[list[str]]:
    return [entry.split() for entry in store.entries(peer.database, kind)]


def in_flight(peer: Peer, worker: subprocess.Popen) -> set[str]:
    ended = {job for job, *_ in notes(peer, "ends")}
    processes = {str(each) for each in tree(worker.pid)}
    return {job for job, process, _ in notes(peer, "starts") if process in processes} - ended


def start_worker(peer: Peer, name: str, workers: contextlib.ExitStack) -> subprocess.Popen:
    setup = peer.worker(IN_FLIGHT, name)
    log = STATE / "logs" / f"{name}.log"
    started = workers.enter_context(process(name, setup.command, setup.environment))
    wait_for(f"{name} ready", 60, lambda: peer.is_ready(log.read_text()), 0.05)
    return started


def kill_one_of_two(peer: Peer, workers: contextlib.ExitStack) -> Fall:
    """Two workers with 20 slots each and 40 jobs: whichever has 20 in flight is killed, with all its processes. The
    other one has free slots 5 s later at the latest."""
    with store.session(peer.database) as redis:
        redis.ask("FLUSHDB")
    both = [start_worker(peer, f"{peer.name.split()[0].lower()}-{number}", workers) for number in (1, 2)]
    time.sleep(1)
    peer.post_slow(2 * IN_FLIGHT)
    busy = f"{peer.name}: a worker with {IN_FLIGHT} jobs in flight"
    wait_for(busy, 30, lambda: any(len(in_flight(peer, worker)) >= IN_FLIGHT for worker in both), 0.05)
    victim = max(both, key=lambda worker: len(in_flight(peer, worker)))
    running, killed = in_flight(peer, victim), time.time()
    kill(victim)
    return Fall(peer, killed, running, {})


def report(fall: Fall) -> dict:
    jobs, back = len(fall.in_flight), sorted(fall.back.values())
    said = [f"after {back[0]:.1f} to {back[-1]:.1f} s"] if back else []
    if len(back) < jobs:
        said.append(f"{jobs - len(back)} not within {PATIENCE_SECONDS} s")
    unfinished = fall.unfinished()
    if len(back) < jobs or unfinished > jobs:
        said.append(f"{unfinished} of all {2 * IN_FLIGHT} unfinished")
    more = {"note": ", ".join(said), "seconds": [round(each, 2) for each in back], "unfinished": unfinished}
    return axis(f"peer's recovery: {fall.peer.name}, came back", len(back), f"of {jobs} jobs", {}, **more)


def recover_all() -> list[dict]:
    """The same kill for each, with the peer's defaults; they wait for their jobs side by side."""
    with contextlib.ExitStack() as workers:
        falls = [kill_one_of_two(peer, workers) for peer in chosen()]
        while not all([fall.look() for fall in falls]):
            time.sleep(1)
        return [report(fall) for fall in falls]
