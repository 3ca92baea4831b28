"""The report's end: every axis in one line."""

COLUMNS = ("axis", "ours", "unit", "peer or limit", "its figure", "ratio", "goal", "met")


def row(line: dict) -> tuple[str, ...]:
    beside = line["limits"][0] if line["limits"] else None
    return (
        line["axis"],
        number(line["value"]),
        line["unit"],
        beside["name"] if beside else line.get("note", ""),
        number(beside["value"]) if beside else "",
        f"{beside['ratio']:.2f} x" if beside else "",
        line.get("goal", ""),
        {True: "yes", False: "NO"}[line["met"]] if "met" in line else "",
    )


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2f}"


def table(lines: list[dict]) -> str:
    rows = [COLUMNS, *map(row, lines)]
    widths = [max(map(len, column)) for column in zip(*rows)]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join("| " + " | ".join(map(str.ljust, cells, widths)) + " |" for cells in rows)
