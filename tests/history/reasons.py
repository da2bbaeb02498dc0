"""Why files were decided otherwise than people did: found out by reading, and kept beside the Plans."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

UNEXPLAINED = "**unexplained**"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why some files of a release differ; in a pattern `*` stands for anything, slashes too."""

    release: str
    paths: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Reasons:
    """The reasons of one fork."""

    known: Sequence[Reason] = ()

    @classmethod
    def load(cls, file: Path) -> "Reasons":
        """Read a list of `release`, `paths` and `why`."""
        listing = yaml.safe_load(file.read_text())
        return cls(
            [
                Reason(release=it["release"], paths=tuple(it["paths"]), why=it["why"])
                for it in listing
            ]
        )

    def of(self, tag: str, path: str) -> str:
        """Return why a file differs; the first reason that fits."""
        fitting = (
            it.why
            for it in self.known
            if it.release == tag and any(fnmatchcase(path, pattern) for pattern in it.paths)
        )
        return next(fitting, UNEXPLAINED)
