"""What is known of mutants from runs before, so that a run goes on where the last one ended.

One JSON object for each mutant that was tried. A mutant that was killed stays killed as long as the module stays
the same; a survivor is tried again when a test has changed.
"""

import hashlib
import json
import threading
from collections.abc import Iterable
from pathlib import Path

from tests.mutation.mutants import Mutant


class Session:
    """The verdicts in a file.

    Attributes:
        file: where they are kept; created when the first comes.
    """

    def __init__(self, file: Path) -> None:
        """Load what is there."""
        self.file = file
        self._known: dict[str, str] = {}
        self._lock = threading.Lock()
        for line in file.read_text().splitlines() if file.exists() else ():
            entry = json.loads(line)
            self._known[entry["mutant"]] = entry["survived"]

    def survived(self, mutant: Mutant, tests: str) -> bool | None:
        """Return whether a mutant survived these tests; None where nobody tried."""
        known = self._known.get(_digest([mutant.mutated]))
        if known == "":
            return False
        return True if known == tests else None

    def keep(self, mutant: Mutant, tests: str, *, survived: bool) -> None:
        """Keep a verdict."""
        entry = {"mutant": _digest([mutant.mutated]), "survived": tests if survived else ""}
        with self._lock, self.file.open("a") as file:
            file.write(json.dumps(entry) + "\n")
            self._known[entry["mutant"]] = entry["survived"]


def digest_of(tests: Iterable[Path]) -> str:
    """Return what changes with the text of any of these files and folders."""
    files = (
        file
        for test in tests
        for file in ([test] if test.is_file() else sorted(test.rglob("*.py")))
    )
    return _digest(file.read_text() for file in files)


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
