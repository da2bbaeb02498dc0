"""The authors of colliding commits, as lines at the end of an attempt's report of a conflict.

The attempt writes them and the controller reads them, since a report is all that comes out of a
pod. Names are untrusted text. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_AUTHORS = 5
"""How many authors of one side's commits."""
MAX_NAME = 100
"""Characters."""


@dataclass(frozen=True, kw_only=True)
class Authors:
    """The names of one conflict's authors, most places first."""

    downstream: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()

    @classmethod
    def of(cls, downstream: Iterable[str], upstream: Iterable[str]) -> "Authors":
        """Return the authors to keep for some commits."""
        return cls(downstream=_kept(downstream), upstream=_kept(upstream))

    @classmethod
    def parse(cls, lines: Sequence[str]) -> "Authors":
        """Parse the output of `lines`; other lines are ignored."""
        pairs = [line.partition(": ") for line in lines]
        downstream, upstream = (
            [name for side, _, name in pairs if side == wanted]
            for wanted in ("downstream", "upstream")
        )
        return cls.of(downstream, upstream)

    @property
    def lines(self) -> tuple[str, ...]:
        """Return a line for each name."""
        sides = (("downstream", self.downstream), ("upstream", self.upstream))
        return tuple(f"{side}: {name}" for side, names in sides for name in names)


def _kept(names: Iterable[str]) -> tuple[str, ...]:
    plain = ("".join(it for it in name if it.isprintable()).strip()[:MAX_NAME] for name in names)
    return tuple(dict.fromkeys(filter(None, plain)))[:MAX_AUTHORS]
