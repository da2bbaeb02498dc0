"""Who wrote the commits that collide, as lines behind what an attempt reports of a conflict.

The attempt writes them, and the controller reads them, since nothing else comes out of a pod. Names are anybody's text. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_AUTHORS = 5
"""Of one side's commits."""
MAX_NAME = 100
"""Characters."""


@dataclass(frozen=True, kw_only=True)
class Authors:
    """The names of one conflict's authors, those of most places first."""

    downstream: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()

    @classmethod
    def of(cls, downstream: Iterable[str], upstream: Iterable[str]) -> "Authors":
        """Return what is kept of the authors of commits."""
        return cls(downstream=_kept(downstream), upstream=_kept(upstream))

    @classmethod
    def parse(cls, lines: Sequence[str]) -> "Authors":
        """Read what `lines` wrote; any other line is left out."""
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
