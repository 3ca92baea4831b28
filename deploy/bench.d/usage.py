"""CPU time and memory of processes, as the kernel counts them (proc(5))."""

import os
import pathlib

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def stat(process: int) -> list[str]:
    """The fields of /proc/ID/stat from the third one (state) on; empty when there is no such process."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def tree(*roots: int) -> list[int]:
    """These processes and all that descend from them."""
    children: dict[int, list[int]] = {}
    for name in filter(str.isdecimal, os.listdir("/proc")):
        if fields := stat(int(name)):
            children.setdefault(int(fields[1]), []).append(int(name))
    found = list(roots)
    for process in found:
        found += children.get(process, [])
    return found


def cpu_seconds(*roots: int) -> float:
    """User and system time of these processes and their descendants, those that ended and were waited for included:
    PostgreSQL's postmaster inherits the time of every connection that was closed."""
    ticks = 0
    for process in tree(*roots):
        if fields := stat(process):
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICKS_A_SECOND


def peak_megabytes(root: int) -> float:
    """The most memory each process of the tree has ever held resident, added up: pages they share count each time."""
    kibibytes = 0
    for process in tree(root):
        try:
            lines = pathlib.Path(f"/proc/{process}/status").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        kibibytes += sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return kibibytes * 1024 / 1e6
