"""Boundaries: the points at which a program may be hit, and the watch that counts them and hits one."""

import asyncio
import collections
import dataclasses
import hashlib
import pathlib
import re

UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
REMEMBERED = 40


@dataclasses.dataclass(frozen=True, order=True)
class Boundary:
    """One request to a store. `start`: before the scenario's work begins; `work`: from then on."""

    phase: str
    store: str
    name: str
    occurrence: int
    side: str  # "before": the request has not reached the server; "after": its answer has not reached the caller

    def __str__(self) -> str:
        count = "" if self.occurrence == 1 else f" #{self.occurrence}"
        return f"{self.side} {self.store} {scripts.spell(self.name)}{count} ({self.phase})"


class Scripts:
    """Names of Lua scripts by their digest: the repository's own files, or else what a script's comment begins with."""

    def __init__(self):
        self.names: dict[str, str] = {}

    def read_sources(self, checkout: pathlib.Path) -> None:
        for file in checkout.glob("Sources/**/*.lua"):
            self.names[hashlib.sha1(file.read_bytes()).hexdigest()] = file.stem

    def learn(self, source: bytes) -> str:
        digest = hashlib.sha1(source).hexdigest()
        words = re.findall(r"[A-Za-z']+", source.decode(errors="replace").split("\n", 1)[0])
        self.names.setdefault(digest, "-".join(words[:4]).lower() or digest[:8])
        return digest

    def spell(self, name: str) -> str:
        return re.sub(r"[0-9a-f]{40}", lambda match: self.names.get(match[0], match[0][:8]), name)


scripts = Scripts()


def redis_name(words: list[bytes], prefix: str) -> str:
    """`EVALSHA <digest>`, or the command with its first key, without what differs from run to run."""
    command = words[0].decode(errors="replace").upper()
    if command in ("EVALSHA", "EVALSHA_RO", "FCALL", "FCALL_RO"):
        return f"{command} {words[1].decode()}"
    if command in ("EVAL", "EVAL_RO"):
        return f"{command} {scripts.learn(words[1])}"
    if command in ("SCRIPT", "CLIENT", "FUNCTION") and len(words) > 1:
        return f"{command} {words[1].decode(errors='replace').upper()}"
    key = next((word for word in words[1:] if word.startswith(prefix.encode() + b":")), None)
    return command if key is None else f"{command} {plain(key, prefix)}"


def plain(key: bytes, prefix: str) -> str:
    return UUID.sub("*", key.decode(errors="replace").removeprefix(prefix + ":"))


@dataclasses.dataclass
class Blow:
    """What is to be done, once, at a boundary."""

    boundary: Boundary
    # "kill": the program; "cut": the connection; "stall": all of its connections for a while; "stop": SIGSTOP as well
    action: str
    fired: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)
    at: float = 0.0

    def __str__(self) -> str:
        return f"{self.action} {self.boundary}"


class Watch:
    """Counts the boundaries one program passes, and says when its blow is due."""

    def __init__(self, blow: Blow | None = None):
        self.blow = blow
        self.phase = "start"
        self.counts: collections.Counter[tuple[str, str, str, str]] = collections.Counter()
        self.last: collections.deque[str] = collections.deque(maxlen=REMEMBERED)

    def begin_work(self) -> None:
        self.phase = "work"

    def note(self, side: str, store: str, name: str) -> str | None:
        """The action that is due now."""
        key = (self.phase, store, name, side)
        self.counts[key] += 1
        self.last.append(f"{side} {store} {scripts.spell(name)}")
        blow = self.blow
        if blow is None or blow.fired.is_set():
            return None
        if blow.boundary != Boundary(self.phase, store, name, self.counts[key], side):
            return None
        blow.fired.set()
        self.last.append(f"*** {blow.action}")
        return blow.action

    def boundaries(self, occurrences: int = 2) -> list[Boundary]:
        """Every boundary passed so far, each name's first times."""
        return sorted(
            Boundary(phase, store, name, number, side)
            for (phase, store, name, side), count in self.counts.items()
            for number in range(1, min(count, occurrences) + 1)
        )
