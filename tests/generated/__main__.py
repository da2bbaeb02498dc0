"""`python -m tests.generated [--seconds N] [--seed S]`.

Each trial has a seed of its own, `S`, `S + 1` and so on, which alone makes it again: `--only SEED`. Exit
code 1 where something did not hold.
"""

import argparse
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from tests.generated.trial import make_trial


def run_trials(
    first: int, seconds: float, *, most: int | None = None
) -> tuple[Counter[str], list[int]]:
    """Run trials until the time is over; return counts, and the seeds that failed."""
    counted: Counter[str] = Counter()
    failed = []
    until = time.monotonic() + seconds
    seed = first
    while time.monotonic() < until and (most is None or seed < first + most):
        with tempfile.TemporaryDirectory(prefix="resync-generated-") as folder:
            try:
                outcome = make_trial(Path(folder), seed).run()
            except Exception:
                traceback.print_exc()
                print(f"seed {seed} failed", flush=True)
                failed.append(seed)
            else:
                counted[outcome.operation] += 1
                counted["asked"] += outcome.asked
                counted["by rules"] += outcome.ruled
                counted["in conflict"] += bool(outcome.asked or outcome.ruled)
        seed += 1
    counted["pairs"] = seed - first
    return counted, failed


def main(arguments: list[str]) -> int:
    """Run trials and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.generated", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, help="of the first trial; a random one by default")
    parser.add_argument("--only", type=int, metavar="SEED", help="run this one")
    given = parser.parse_args(arguments)
    if given.only is not None:
        with tempfile.TemporaryDirectory(prefix="resync-generated-") as folder:
            print(make_trial(Path(folder), given.only).run())
        return 0
    seed = given.seed if given.seed is not None else random.randrange(10**9)  # noqa: S311
    print(f"seeds from {seed}", flush=True)
    counted, failed = run_trials(seed, given.seconds)
    print(dict(counted), f"failed: {failed or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
