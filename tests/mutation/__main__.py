"""`python -m tests.mutation [MODULE…]`: reports changes to the code that no test notices.

Without a module, it tries all that watchers.toml names. It fails if a mutant survives that
equivalent.toml does not list.
"""

import argparse
import queue
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.session import Session, digest_of
from tests.mutation.tables import ROOT, equivalents, watchers
from tests.mutation.trial import BaselineError, Copy


class Run:
    """Tries the mutants of modules, one in each copy at a time."""

    def __init__(self, copies: Sequence[Copy], session: Session) -> None:
        """Take the copies, and the verdicts of earlier runs."""
        self.copies = copies
        self.session = session

    def survivors(self, module: str, tests: Sequence[str]) -> tuple[int, list[Mutant]]:
        """Return how many mutants a module has, and which survive its tests.

        Raises:
            BaselineError: the tests fail without a mutant.
        """
        mutants = list(mutants_of(Path(module), (ROOT / module).read_text()))
        digest = digest_of(ROOT / test.partition("::")[0] for test in tests)
        known = {mutant: self.session.survived(mutant, digest) for mutant in mutants}
        new = [mutant for mutant in mutants if known[mutant] is None]
        if new:
            known.update(zip(new, self._try(new, tests, digest), strict=True))
        return len(mutants), [mutant for mutant in mutants if known[mutant]]

    def _try(self, mutants: Sequence[Mutant], tests: Sequence[str], digest: str) -> list[bool]:
        free: queue.Queue[tuple[Copy, float]] = queue.Queue()

        def survives(mutant: Mutant) -> bool:
            copy, seconds = free.get()
            try:
                survived = copy.survives(mutant, tests, seconds)
            finally:
                free.put((copy, seconds))
            self.session.keep(mutant, digest, survived=survived)
            return survived

        with ThreadPoolExecutor(len(self.copies)) as pool:
            limits = pool.map(lambda copy: copy.measure(tests), self.copies)
            for each in zip(self.copies, limits, strict=True):
                free.put(each)
            return list(pool.map(survives, mutants))


def report(module: str, total: int, survivors: Sequence[Mutant]) -> bool:
    """Print a module's result; return whether each survivor is listed as equivalent."""
    listed = {(it.line, it.becomes) for it in equivalents() if it.module == module}
    unexpected = [mutant for mutant in survivors if mutant.change not in listed]
    killed = total - len(survivors)
    print(
        f"{module}: {killed} of {total} killed, {len(survivors) - len(unexpected)} equivalent",
        flush=True,
    )
    for mutant in unexpected:
        print(f"{module}:{mutant.line} survives:\n{mutant.diff}\n", flush=True)
    for line, becomes in listed - {mutant.change for mutant in survivors}:
        print(f"{module}: {line!r} -> {becomes!r} is listed, but does not survive", flush=True)
    return not unexpected


def main() -> int:
    """Try the mutants; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument(
        "modules", nargs="*", metavar="MODULE", help="path below the checkout; all by default"
    )
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (2)")
    parser.add_argument(
        "--session", type=Path, default=ROOT / ".mutation.jsonl", help="file that keeps verdicts"
    )
    given = parser.parse_args()
    table = watchers()
    unknown = set(given.modules) - set(table)
    if unknown:
        parser.error(
            f"no tests watch {', '.join(sorted(unknown))}: see tests/mutation/watchers.toml"
        )
    with tempfile.TemporaryDirectory(prefix="resync-mutation-") as folder:
        copies = [Copy(ROOT, Path(folder) / str(number)) for number in range(given.jobs)]
        run = Run(copies, Session(given.session))
        try:
            fine = [report(it, *run.survivors(it, table[it])) for it in given.modules or table]
        except BaselineError as error:
            print(f"the tests fail without a mutant:\n{error}", file=sys.stderr)
            return 1
        finally:
            for copy in copies:
                copy.stop()
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
