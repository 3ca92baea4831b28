"""Statements that PostgreSQL refused for what they say: a race or a cut line explains none of these."""

import collections
import re

from setting import STATE

# SQLSTATE classes: 22 data, 42 wrong names and types; and a NULL or a CHECK that a row must not break. Not meant: a
# statement prepared twice or not at all (42P05, 26000), which a driver may find out about in just this way.
REFUSED = re.compile(r" (22...|42(?!P05)...|23502|23514) errand_(gateway|worker)@\S+ ERROR:  (.*)")
LINE_PREFIX = "%m [%p] %e %q%u@%d "


def read() -> list[str]:
    """One line for each kind, with how often it was answered."""
    log = (STATE / "logs" / "postgres.log").read_text(errors="replace")
    found = collections.Counter(f"{code} {text}" for code, _, text in REFUSED.findall(log))
    return [f"refused by PostgreSQL {count} times: {text}" for text, count in found.most_common()]
