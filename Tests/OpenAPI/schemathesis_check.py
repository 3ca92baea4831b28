#!/usr/bin/env python3
"""Runs schemathesis against a gateway, as somebody who has just made an account.

    schemathesis_check.py --base-url URL --service-key KEY [OPTION…]

Further options go to `schemathesis run`. The gateway is one for contract_check.py. Prints what schemathesis prints, and
`N passed, N failed`: the requests it made up, and the different failures among them.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import uuid

import requests

FOLDER = pathlib.Path(__file__).resolve().parent
PASSWORD = "seven lanterns over a quiet harbour"


def sign_up(base):
    """The environment that hooks.py and schemathesis.toml read."""
    address = f"mary-{uuid.uuid4().hex}@example.org"
    user = requests.post(
        f"{base}/api/v1/auth/register", json={"email": address, "password": PASSWORD, "name": "Mary"}, timeout=20
    )
    user.raise_for_status()
    form = {"username": address, "password": PASSWORD}
    tokens = requests.post(f"{base}/api/v1/auth/jwt/login", data=form, timeout=20)
    tokens.raise_for_status()
    return {
        "ERRAND_HOOKS": str(FOLDER / "hooks.py"), "ERRAND_URL": base, "ERRAND_USER": user.json()["id"],
        "ERRAND_ADDRESS": address, "ERRAND_PASSWORD": PASSWORD, "ERRAND_KEY": tokens.json()["access_token"],
    }


def main():
    parser = argparse.ArgumentParser()
    for option in ("--base-url", "--service-key"):
        parser.add_argument(option, required=True)
    options, more = parser.parse_known_args()
    settings = {**sign_up(options.base_url), "ERRAND_SERVICE_KEY": options.service_key}
    command = [
        str(pathlib.Path(sys.executable).parent / "schemathesis"), "--no-color",
        "--config-file", str(FOLDER / "schemathesis.toml"), "run", f"{options.base_url}/openapi.json", *more,
    ]
    process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True)
    output = []
    for line in process.stdout:
        print(line, end="", flush=True)
        output.append(line)
    status = process.wait()
    cases = re.search(r"^  (\d+) generated", "".join(output), re.MULTILINE)
    failures = re.search(r"found (\d+) unique failure", "".join(output))
    generated, failed = int(cases[1]) if cases else 0, int(failures[1]) if failures else 0
    if status != 0 or generated == 0:
        failed = max(failed, 1)
    print(f"{max(generated - failed, 0)} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
