"""`python -m tests.dependencies.vulnerabilities`: asks OSV, by pip-audit, about the packages of the image.

A known vulnerability is exit code 1, and so is any other answer than a clear one. Where OSV cannot be reached, a line
says that nothing was asked: who works without a network can still build.
"""

import argparse
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from tests.dependencies.lock import LOCK, locked_packages

OSV = "https://api.osv.dev/v1/query"

IGNORED: dict[str, str] = {}
"""Id of a vulnerability -> why it does not concern us."""

_TIMEOUT_SECONDS = 10


def can_be_reached(url: str) -> bool:
    """Return whether somebody answers there, whatever the answer; a server that fails does not count."""
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, method="HEAD"), timeout=_TIMEOUT_SECONDS
        ):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def audit(url: str, lock: Path) -> int:
    """Ask about all packages of a lock, print pip-audit's answer, and return its exit code."""
    ignored = [flag for known in IGNORED for flag in ("--ignore-vuln", known)]
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip_audit", "--strict", "--progress-spinner=off"),
                *("--vulnerability-service=osv", "--osv-url", url, "--cache-dir", cache, *ignored),
                *("--disable-pip", "--require-hashes", "--requirement", lock),
            ],
            check=False,
        )
    return done.returncode


def main() -> int:
    """Ask, unless nobody is there; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.dependencies.vulnerabilities", description=__doc__
    )
    parser.add_argument("--url", default=OSV, help="where OSV's API is")
    parser.add_argument("--lock", type=Path, default=LOCK, help="file with the pinned packages")
    given = parser.parse_args()
    if not can_be_reached(given.url):
        count = len(locked_packages(given.lock))
        print(f"vulnerabilities: NOT ASKED about {count} packages, {given.url} cannot be reached")
        return 0
    return audit(given.url, given.lock)


if __name__ == "__main__":
    sys.exit(main())
