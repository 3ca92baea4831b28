"""All parts of deploy/chaos, in one run. `--json`: the last line is one object."""

import argparse
import asyncio
import math
import random
import signal
import sys
import time

import cases
import checks_of_checker
import checks_of_proxies
import checks_of_waiters
import doctored_rows
import recovery
import refusals
import report
import storm
import waiters
from boundary import scripts
from checker import Verdict
from programs import Simulator
from scenarios import SCENARIOS
from setting import CHECKOUT, STARTED, TEMPLATE, Wrong, say
from stores import PostgresServer, owner

PARTS = ("checker", "recovery", "storm", "waiters", "boundaries")
# What --short may take, preparation included, and the least that its boundaries get of that.
SHORT_SECONDS, LEAST_SECONDS = 200, 40
DEFAULT_SEED = 3
SLOTS = 10


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/chaos")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--waiters", type=int)
    parser.add_argument("--only", action="append", choices=PARTS)
    parser.add_argument("--scenario", action="append", choices=[scenario.name for scenario in SCENARIOS])
    return parser.parse_args()


async def install_audit() -> None:
    store = owner(TEMPLATE)
    await store.query((CHECKOUT / "deploy/chaos.d/audit.sql").read_text())
    await store.query(f"ALTER SYSTEM SET log_line_prefix = '{refusals.LINE_PREFIX}'")
    await store.query("SELECT pg_reload_conf()")
    store.close()


async def check_checker() -> tuple[Verdict, dict]:
    wrong = checks_of_checker.run() + await doctored_rows.run() + await checks_of_proxies.run()
    wrong += await checks_of_waiters.run()
    verdict = Verdict(objections=[f"checker: {text}" for text in wrong])
    doctored = len(checks_of_checker.DOCTORED) + len(doctored_rows.DOCTORED)
    doctored += len(checks_of_waiters.WAITS) + len(checks_of_waiters.STREAMS)
    return verdict, {"doctored": doctored, "overlooked": len(wrong)}


def seconds_for_cases(is_short: bool) -> float:
    return max(LEAST_SECONDS, STARTED + SHORT_SECONDS - time.time()) if is_short else math.inf


async def hit_boundaries(options: argparse.Namespace, model_port: int | None) -> tuple[Verdict, dict]:
    async with cases.Slots(SLOTS) as slots:
        wanted = [scenario for scenario in SCENARIOS if scenario.name in (options.scenario or [scenario.name])]
        found = await cases.enumerate_boundaries(wanted, slots, model_port)
        everything = cases.all_cases(found, random.Random(options.seed))
        commands = {case.command for case in everything}
        say(f"{len(commands)} commands in {len(found)} scenarios, {len(everything)} cases")
        outcomes = await cases.run_cases(everything, slots, model_port, seconds_for_cases(options.short))
    total = Verdict()
    for outcome in outcomes:
        outcome.verdict.objections = [f"{outcome.case}: {text}" for text in outcome.verdict.objections]
        total.add(outcome.verdict)
    for scenario, _ in found:
        spent = [outcome.seconds for outcome in outcomes if outcome.case.scenario is scenario]
        say(f"{scenario.name}: {len(spent)} cases of {sum(spent) / max(1, len(spent)):.1f} s")
    missed = [outcome.case for outcome in outcomes if not outcome.fired]
    for case in missed:
        say(f"not reached this time: {case}")
    return total, {
        "cases": len(outcomes), "of_cases": len(everything), "hit": len(outcomes) - len(missed),
        "commands": len(commands), "commands_hit": len({outcome.case.command for outcome in outcomes if outcome.fired}),
        "cases_failed": sum(not outcome.verdict.is_clean for outcome in outcomes), **report.counts(total),
    }


async def run_parts(options: argparse.Namespace) -> int:
    total, parts = Verdict(), {}
    wanted = options.only or PARTS
    postgres, simulator = PostgresServer(), Simulator()
    scripts.read_sources(CHECKOUT)
    await install_audit()
    await simulator.start()
    try:
        for part in wanted:
            say(f"{part}, seed {options.seed}")
            verdict, parts[part] = await run_part(part, options, simulator.port, postgres)
            total.add(verdict)
    finally:
        await simulator.stop()
        await postgres.stop()
    total.objections += refusals.read()
    print(f"seed {options.seed}\n{report.table(parts)}")
    for objection in total.objections:
        print(f"objection: {objection}")
    if options.json:
        print(report.summary(options.seed, total, parts))
    return 0 if total.is_clean else 1


async def run_part(part: str, options, model_port: int | None, postgres: PostgresServer) -> tuple[Verdict, dict]:
    match part:
        case "checker":
            return await check_checker()
        case "boundaries":
            return await hit_boundaries(options, model_port)
        case "storm":
            seconds = 35 if options.short else 240
            verdict, figures = await storm.run(options.seed, seconds, 60, postgres, model_port)
        case "waiters":
            usual, readers = (3_000, 1_000) if options.short else (20_000, 5_000)
            verdict, figures = await waiters.run(options.seed, options.waiters or usual, readers)
        case _:
            verdict, figures = await recovery.run(*((2, 1) if options.short else (10, 3)))
    return verdict, {**figures, **report.counts(verdict), **report.recovery(verdict.recoveries)}


async def run_until_told(options: argparse.Namespace) -> int:
    """SIGTERM ends it in order: whatever was started is stopped."""
    work = asyncio.current_task()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
    try:
        return await run_parts(options)
    except asyncio.CancelledError:
        return 143


def main() -> int:
    try:
        return asyncio.run(run_until_told(read_options()))
    except Wrong as wrong:
        print(f"chaos: {wrong}", file=sys.stderr)
        return 2


sys.exit(main())
