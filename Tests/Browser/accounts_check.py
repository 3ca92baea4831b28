#!/usr/bin/env python3
"""Checks what the page offers people with accounts, in headless Chromium against a gateway with accounts.

    accounts_check.py --base-url http://127.0.0.1:8080 --mail-directory DIR [--screenshots DIR] [--timeout S]

The gateway needs AUTH_SECRET, AUTH_KEYS_FILE and no rate limits; a worker must serve the queues chat, default and mail
and keep mails in --mail-directory (MAIL_DIRECTORY), with PUBLIC_URL at the base URL. Needs the PyPI packages playwright
(1.65) and axe-playwright-python, and Debian's chromium and curl. It makes accounts of its own.
"""
import sys

from account_parts import AccountParts
from browser_checks import main
from joining_parts import JoiningParts
from people import People
from workspace_parts import WorkspaceParts


class Checks(AccountParts, WorkspaceParts, JoiningParts, People):
    """All parts; the later ones use the people that the first ones make."""


def add_options(parser):
    parser.add_argument("--mail-directory", required=True, help="where the worker keeps mails, as .eml files")


def parts(checks):
    return [checks.signing_up, checks.without_accounts, checks.staying_signed_in, checks.wrong_words, checks.devices,
            checks.forgotten_password, checks.account_settings, checks.ended_session, checks.waiting, checks.keys,
            checks.companies, checks.tasks, checks.activity, checks.by_keyboard, checks.on_a_phone, checks.in_the_dark,
            checks.leaving]


if __name__ == "__main__":
    sys.exit(main(Checks, __doc__, parts, add_options))
