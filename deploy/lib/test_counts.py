"""Prints `PASSED FAILED` from Swift Testing's XML report, and names each failed test on standard error.

Arguments: the paths the report may have (SwiftPM adds a suffix to the name it was given when XCTest runs too). A missing or
unfinished report (the tests crashed or were stopped) counts as one failure. Read line by line: the report is no valid XML
when a test's name has an ampersand.
"""

import os
import sys

passed, failed, finished = 0, 0, False
test, outcome = "", ""


def settle():
    global passed, failed
    if outcome == "failed":
        failed += 1
        print(f"    FAILED {test}", file=sys.stderr)
    elif outcome == "passed":
        passed += 1


report = next((path for path in sys.argv[1:] if os.path.exists(path)), os.devnull)
with open(report, encoding="utf-8", errors="replace") as lines:
    for line in map(str.strip, lines):
        if line.startswith("<testcase "):
            test, outcome = line.removeprefix("<testcase ").rstrip("/> "), "passed"
        elif line.startswith("<failure"):
            outcome = "failed"
        elif line.startswith("<skipped"):
            outcome = "skipped"
        finished = finished or line == "</testsuites>"
        if line == "</testcase>" or (line.startswith("<testcase ") and line.endswith("/>")):
            settle()
if not finished:
    print("    the Swift tests left no finished report", file=sys.stderr)
    failed += 1
print(passed, failed)
