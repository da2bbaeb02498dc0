"""Runs the test forge as a process: `python -m tests.forge up --state DIR --listen ADDRESS:PORT`.

Prints its coordinates as one line of JSON (addresses as seen from this machine, tokens, the App's credentials),
then serves until SIGTERM or SIGINT. What is said while it starts goes to standard error.
"""

import argparse
import json
import signal
import sys
import threading
from contextlib import redirect_stdout
from pathlib import Path

from tests.cluster.told import in_one_line
from tests.forge.launcher import TestForge, start_forge


def coordinates(forge: TestForge) -> dict[str, object]:
    """Return what another process needs to use the forge."""
    return {
        "api_url": forge.api_url,
        "git_url": forge.git_url,
        "host": forge.host,
        "port": forge.port,
        "tokens": dict(forge.tokens),
        "app": {"appId": forge.app.app_id, "privateKey": forge.app.private_key},
    }


def main() -> None:
    """Start, print, wait, stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.forge")
    up = parser.add_subparsers(required=True).add_parser("up", help="run until SIGTERM")
    up.add_argument("--state", type=Path, required=True, help="folder that keeps the forge's state")
    up.add_argument("--listen", default="127.0.0.1:0", help="ADDRESS:PORT, port 0 for a free one")
    arguments = parser.parse_args()
    address, _, port = arguments.listen.rpartition(":")
    ended = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: ended.set())
    with in_one_line("python -m tests.forge up"), redirect_stdout(sys.stderr):
        forge = start_forge(arguments.state, listen=address, port=int(port))
    print(json.dumps(coordinates(forge)), flush=True)
    ended.wait()
    forge.stop()


if __name__ == "__main__":
    main()
