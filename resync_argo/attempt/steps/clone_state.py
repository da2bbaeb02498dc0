"""Reads what git keeps in the steps' clone about what it is doing (gitrevisions(7); git-rebase, git-am).

Files that a step could have written: they are read without following links, and what they name is taken
through the one door.
"""

import re

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.steps.control import read_inside

_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class CloneState:
    """Git's files about an operation in the steps' clone."""

    def __init__(self, attempt: Attempt) -> None:
        """Read nothing yet."""
        self._work_tree = attempt.layout.work_tree

    def read(self, *names: str, limit: int = 1 << 20) -> bytes | None:
        """Return a file below `.git`; None where there is none."""
        return read_inside(self._work_tree, ".git", *names, limit=limit)

    def text(self, *names: str) -> str:
        """Return the same, decoded; "" without it."""
        return (self.read(*names) or b"").decode(errors="surrogateescape")

    def commits(self, *names: str) -> list[str]:
        """Return the ids in a file such as `MERGE_HEAD`."""
        words = (line.split()[0] for line in self.text(*names).splitlines() if line.split())
        return [word for word in words if _OID.fullmatch(word)]

    def commit(self, *names: str) -> str | None:
        """Return the one id in a file; None without the file, or with several ids."""
        found = self.commits(*names)
        return found[0] if len(found) == 1 else None

    @property
    def is_rebase(self) -> bool:
        """Return whether a rebase is in progress."""
        return self.read("rebase-merge", "head-name") is not None or (
            self.read("rebase-apply", "next") is not None and not self.is_am
        )

    @property
    def has_patch(self) -> bool:
        """Return whether a patch is being applied: by `git am`, or by a rebase that uses patches."""
        return self.read("rebase-apply", "next") is not None

    @property
    def is_am(self) -> bool:
        """Return whether `git am` is in progress."""
        return self.read("rebase-apply", "applying") is not None

    @property
    def progress(self) -> tuple[int, int] | None:
        """Return the current commit's number and the total; None if git does not count them."""
        for folder, number, total in (
            ("rebase-merge", "msgnum", "end"),
            ("rebase-apply", "next", "last"),
        ):
            counts = [self.text(folder, name).strip() for name in (number, total)]
            if all(re.fullmatch(r"\d{1,9}", count) for count in counts):
                return int(counts[0]), int(counts[1])
        return None

    @property
    def options(self) -> list[str]:
        """Return the strategy options that git saved for picks and a rebase."""
        kept = re.findall(r"^[ \t]*strategy-option = (.+)$", self.text("sequencer", "opts"), re.M)
        kept += re.findall(r"--?([a-z][^\s']*)", self.text("rebase-merge", "strategy_opts"))
        return [it.strip('"') for it in kept]

    @property
    def stash(self) -> str | None:
        """Return the newest stash."""
        return self.commit("refs", "stash")

    @property
    def joined(self) -> bytes | None:
        """Return the messages of commits that a rebase is squashing, with git's comments."""
        return self.read("rebase-merge", "message-squash")

    @property
    def todo(self) -> str:
        """Return the rest of a rebase's todo list."""
        return self.text("rebase-merge", "git-rebase-todo")
