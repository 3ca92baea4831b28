"""The table, and the object of `--json`."""

import json

from checker import Verdict, percentile

COUNTS = (
    "accepted", "succeeded", "failed", "cancelled", "lost", "stuck", "handler_runs", "duplicate_effects",
)


def counts(verdict: Verdict) -> dict[str, int]:
    return {name: getattr(verdict, name) for name in COUNTS}


def recovery(seconds: list[float]) -> dict[str, float | None]:
    return {
        "recovery_p50_s": percentile(seconds, 0.5),
        "recovery_p99_s": percentile(seconds, 0.99),
        "recovery_max_s": percentile(seconds, 1),
    }


def table(parts: dict[str, dict]) -> str:
    """One column a part, one row a figure."""
    rows: list[str] = []
    for part in parts.values():
        rows += [name for name in part if name not in rows and not isinstance(part[name], list)]
    lines = [f"{'':<24}" + "".join(f"{name:>14}" for name in parts)]
    for row in rows:
        cells = ("" if (value := part.get(row)) is None else str(value) for part in parts.values())
        lines.append(f"{row:<24}" + "".join(f"{cell:>14}" for cell in cells))
    return "\n".join(lines)


def summary(seed: int, total: Verdict, parts: dict[str, dict]) -> str:
    measured = parts.get("recovery") or parts.get("storm") or {}
    times = {name: measured.get(name) for name in recovery([])}
    return json.dumps({"seed": seed, **counts(total), **times, "objections": len(total.objections), "parts": parts})
