"""Writes the 30,000 most common breached passwords that the package zxcvbn carries, in the form of Have I Been Pwned's
downloads ordered by hash: upper-case SHA-1, a colon, a count. Enough for development; README names the whole list."""

import hashlib
import sys

from zxcvbn.frequency_lists import FREQUENCY_LISTS


def main() -> None:
    passwords = FREQUENCY_LISTS["passwords"]
    hashes = {hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper() for text in passwords}
    with open(sys.argv[1], "w", encoding="ascii") as file:
        file.writelines(f"{digest}:1\n" for digest in sorted(hashes))


main()
