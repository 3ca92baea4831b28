"""Every boundary, hit once before and once after, by a death and by a broken connection."""

import asyncio
import contextlib
import dataclasses
import random
import time

from boundary import Blow, Boundary, Watch
from checker import Verdict, judge
from client import Unsupported
from scenarios import Scenario
from setting import STATE, Wrong, say
from stage import Stage, stage
from stores import RedisServer

REST_SECONDS = 25
PATIENCE_SECONDS = 2.5
SCENE_SECONDS = 60


@dataclasses.dataclass(frozen=True)
class Case:
    scenario: Scenario
    boundary: Boundary
    action: str

    @property
    def group(self) -> tuple[str, str, str]:
        """Cases of one group hit the same command of the same scenario."""
        return self.scenario.name, self.boundary.store, self.boundary.name

    @property
    def command(self) -> tuple[str, str]:
        return self.boundary.store, self.boundary.name

    def __str__(self) -> str:
        return f"{self.scenario.name}: {self.action} {self.boundary}"


@dataclasses.dataclass
class Outcome:
    case: Case | None
    verdict: Verdict
    fired: bool
    seconds: float
    watch: Watch


async def play(scenario: Scenario, redis: RedisServer, name: str, model_port: int | None, case: Case | None) -> Outcome:
    """One scenario from an empty system to rest, with at most one blow on the way."""
    watch = Watch(Blow(case.boundary, case.action) if case else None)
    started = time.monotonic()
    async with stage(name, redis, watch, model_port) as scene:
        complaints = []
        try:
            async with asyncio.timeout(SCENE_SECONDS):
                await scenario.set_up(scene)
                await scenario.work(scene)
        except (Wrong, TimeoutError, OSError) as error:
            complaints = [f"stuck: the scenario did not come to its end: {error!r}"]
        verdict = await _judge(scene, watch.blow) if scene.client else Verdict()
        verdict.objections += scene.deserters + complaints
        verdict.stuck += len(complaints)
    _tidy_logs(name, verdict)
    fired = bool(watch.blow and watch.blow.fired.is_set())
    return Outcome(case, verdict, fired, time.monotonic() - started, watch)


async def _judge(scene: Stage, blow: Blow | None) -> Verdict:
    await scene.at_rest(REST_SECONDS)
    if blow and not blow.fired.is_set():
        await _wait_for(blow)
        await scene.at_rest(REST_SECONDS)
    history = await scene.history()
    verdict = judge(history)
    # One blow is no reason for a job to fail.
    failed = [job for job in history.jobs.values() if job.state == "failed"]
    verdict.objections += [f"failed: job {job.id} as {job.failure}" for job in failed]
    if verdict.objections:
        history.write(STATE / "logs" / f"{scene.name}-history.log")
    return verdict


async def _wait_for(blow: Blow) -> None:
    """Some commands come by the clock."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await blow.fired.wait()
            await asyncio.sleep(0.2)


def _tidy_logs(name: str, verdict: Verdict) -> None:
    """Only what went wrong is worth reading."""
    if verdict.is_clean:
        for log in (STATE / "logs").glob(f"{name}-*.log"):
            log.unlink()


class Slots:
    """So many cases at once, each with a Redis of its own."""

    def __init__(self, count: int):
        self.servers = [RedisServer(f"redis{number}") for number in range(count)]
        self.free: asyncio.Queue[RedisServer] = asyncio.Queue()

    async def __aenter__(self) -> "Slots":
        for server in self.servers:
            await server.start()
            self.free.put_nowait(server)
        return self

    async def __aexit__(self, *_) -> None:
        for server in self.servers:
            await server.remove()

    @contextlib.asynccontextmanager
    async def one(self):
        server = await self.free.get()
        try:
            yield server
        finally:
            self.free.put_nowait(server)


async def enumerate_boundaries(
    scenarios: list[Scenario], slots: Slots, model_port: int | None
) -> list[tuple[Scenario, list[Boundary]]]:
    """What each scenario passes when nothing goes wrong."""
    async def record(scenario: Scenario) -> tuple[Scenario, list[Boundary]]:
        async with slots.one() as redis:
            try:
                outcome = await play(scenario, redis, f"list_{scenario.name}", model_port, None)
            except Unsupported as route:
                say(f"{scenario.name} is left out: these programs have no {route}")
                outcome = None
        if outcome is None:
            return scenario, []
        if not outcome.verdict.is_clean:
            raise Wrong(f"{scenario.name} fails without any blow: {outcome.verdict.objections}")
        return scenario, outcome.watch.boundaries()

    found = await asyncio.gather(*(record(scenario) for scenario in scenarios), return_exceptions=True)
    for failure in found:
        if isinstance(failure, BaseException):
            raise failure
    lines = [f"{scenario.name}: {boundary}" for scenario, boundaries in found for boundary in boundaries]
    (STATE / "logs" / "boundaries.log").write_text("\n".join(lines) + "\n")
    return found


def _groups(found: list[tuple[Scenario, list[Boundary]]]) -> dict[tuple[str, str, str], list[Case]]:
    groups: dict[tuple[str, str, str], list[Case]] = {}
    started: set[tuple[str, Boundary]] = set()
    for scenario, boundaries in found:
        for boundary in boundaries:
            # A program starts in the same way in every scenario.
            is_known = boundary.phase == "start" and (scenario.target, boundary) in started
            if is_known or boundary.phase not in scenario.phases:
                continue
            started.add((scenario.target, boundary))
            for action in scenario.actions:
                case = Case(scenario, boundary, action)
                groups.setdefault(case.group, []).append(case)
    return groups


def all_cases(found: list[tuple[Scenario, list[Boundary]]], chance: random.Random) -> list[Case]:
    """In an order that comes to every command once, then to every command of every scenario, then to the rest."""
    groups = _groups(found)
    for cases in groups.values():
        chance.shuffle(cases)
        # What happens while a scenario works says more than what happens while its programs start.
        cases.sort(key=lambda case: case.boundary.phase != "work")
    order = list(groups.values())
    chance.shuffle(order)
    longest = max((len(cases) for cases in order), default=0)
    dealt = [cases[turn] for turn in range(longest) for cases in order if turn < len(cases)]
    first: dict[tuple[str, str], Case] = {}
    for case in dealt:
        first.setdefault(case.command, case)
    return sorted(dealt, key=lambda case: first[case.command] is not case)


async def run_cases(
    cases: list[Case], slots: Slots, model_port: int | None, seconds: float
) -> list[Outcome]:
    """As many as the time allows, in their order."""
    outcomes: list[Outcome] = []
    waiting = list(enumerate(cases))[::-1]
    deadline = time.monotonic() + seconds

    async def lane() -> None:
        while waiting and time.monotonic() < deadline:
            number, case = waiting.pop()
            async with slots.one() as redis:
                outcome = await play(case.scenario, redis, f"case_{number}", model_port, case)
            outcomes.append(outcome)
            _tell(outcome, len(outcomes), len(cases))

    await asyncio.gather(*(lane() for _ in slots.servers))
    return outcomes


def _tell(outcome: Outcome, done: int, total: int) -> None:
    if not outcome.verdict.is_clean:
        say(f"FAILED {outcome.case}")
        for objection in outcome.verdict.objections:
            say(f"    {objection}")
        say(f"    it had passed: {'; '.join(list(outcome.watch.last)[-12:])}")
    elif done % 25 == 0:
        say(f"{done} of {total} cases")
