"""Which tests watch a module, and which mutants nobody can tell from the code: the two tables beside this."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@dataclass(frozen=True, kw_only=True)
class Equivalent:
    """A mutant that no test can kill, or should.

    Attributes:
        module: the path below the checkout.
        line: the line that is changed, without indentation.
        becomes: what it becomes.
        reason: why that has no effect, as a sentence.
    """

    module: str
    line: str
    becomes: str
    reason: str


def watchers() -> dict[str, list[str]]:
    """Return each module's tests, few and fast ones first; all paths are below the checkout."""
    return dict(tomllib.loads((HERE / "watchers.toml").read_text()))


def equivalents() -> Iterator[Equivalent]:
    """Yield the mutants that may survive."""
    table = tomllib.loads((HERE / "equivalent.toml").read_text())
    for module, entries in table.items():
        for entry in entries:
            yield Equivalent(module=module, **entry)
