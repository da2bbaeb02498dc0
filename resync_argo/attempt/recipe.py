"""The one way to resolve a conflict in a clone, command by command: the pull request and `run` show it. Pure."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from resync_argo.conflicts.markers import STUB_SUFFIX
from resync_argo.names import conflict_branches


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The places of a conflict's branches, and of a person's work on them.

    Attributes:
        url: of the repository with the branches; the path of a clone if a folder replaces the
            forge.
        key: the conflict's short name.
        base: the branch to merge the resolution into.
        head: the branch with the conflict.
        folder: the one that replaces the forge; None: a real forge.
    """

    url: str
    key: str
    base: str
    head: str
    folder: Path | None = None

    @classmethod
    def of(
        cls, *, plan: str, line: str, key: str, url: str, folder: Path | None = None
    ) -> "Recipe":
        """Return the recipe for a conflict of a Plan."""
        base, head = conflict_branches(plan, line, key)
        return cls(url=url, key=key, base=base, head=head, folder=folder)

    @property
    def work_tree(self) -> str:
        """Return the folder that the commands create, next to the clone or the pull requests."""
        return (
            f"../resync-{self.key}" if self.folder is None else f"{self.folder}/resolve-{self.key}"
        )

    @property
    def commands(self) -> tuple[str, ...]:
        """Return the commands, with a comment at the place of the person's own work."""
        return (*self.beginning, *self.rest)

    @property
    def beginning(self) -> tuple[str, ...]:
        """Return the commands that create the work tree."""
        where, head = shlex.quote(self.work_tree), shlex.quote(self.head)
        if self.folder is not None:
            return (f"git -C {shlex.quote(self.url)} worktree add --detach {where} {head}",)
        return (
            f"git fetch {shlex.quote(self.url)} {head}",
            f"git worktree add --detach {where} FETCH_HEAD",
        )

    @property
    def rest(self) -> tuple[str, ...]:
        """Return the commands that come after it."""
        url, where = shlex.quote(self.url), shlex.quote(self.work_tree)
        merge = "" if self.folder is None else f" HEAD:refs/heads/{shlex.quote(self.base)}"
        clone = "" if self.folder is None else f" -C {url}"
        return (
            f"cd {where}",
            f"git grep -n 'resync {self.key}'; git ls-files '*{STUB_SUFFIX.decode()}'",
            "# edit what these two list: keep what is right, take marker lines and such files out",
            "git add --all && git commit --message 'Resolve the conflict'",
            f"git push {url} HEAD:refs/heads/{shlex.quote(self.head)}{merge}",
            f"cd - && git{clone} worktree remove {where}",
        )
