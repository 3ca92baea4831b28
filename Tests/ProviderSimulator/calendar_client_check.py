#!/usr/bin/env python3
"""Drives the simulation of Google Calendar with Google's official client, unchanged but for its endpoint, and holds every
request and every answer to Google's own discovery document (see calendar_checks/schema.py).

Usage: calendar_client_check.py ORIGIN      (such as http://127.0.0.1:8765; started with --allow-http-notifications)
Prints `N passed, N failed` and exits non-zero when a check failed.
"""

import sys

sys.dont_write_bytecode = True  # nothing is left behind in the checkout

from calendar_checks import access, channels, faults, harness, lists, people, series, writing  # noqa: E402, F401

judged = sum(watched.judged for watched in harness.watchers)
print(f"{judged} requests of the official client and their answers held to the discovery document")
print(f"{len(harness.passed)} passed, {len(harness.failed)} failed")
sys.exit(bool(harness.failed))
