"""Conflict pull requests with excessively large heads."""

import os
from dataclasses import dataclass
from pathlib import Path

from resync_argo.names import conflict_branches
from tests.git.conflict_story import make_story
from tests.git.repositories import Repository

ASKED = 5
"""Plans whose pull requests have such a head; each namespace has fewer looks at a time."""
VERSION = "1.1.0"
BRANCH = "release-1.0"
UPSTREAM = "conflict.test/upstream/project"
GIANT_BYTES = 95 << 20
"""GitHub takes files of up to 100 MiB."""

MANY_FILES = 300_000


@dataclass(frozen=True, kw_only=True)
class Question:
    """An open conflict pull request.

    Attributes:
        plan: name of the Plan.
        repository: with the host.
        base: its base branch.
        head: its head branch.
        commit: the head's tip.
    """

    plan: str
    repository: str
    base: str
    head: str
    commit: str

    @property
    def key(self) -> str:
        """Return the conflict's short name."""
        return self.head.split("/")[-2]


def make_questions(folder: Path) -> list[Question]:
    """Make an upstream, downstreams and their conflicts; the folder holds the host's repositories.

    Returns:
        For some Plans `giant-0`, …: a giant binary file beside the conflict, and the conflicted file full of
        marker lines. For others `many-0`, …: a directory with more files than any project has.
    """
    marks = "1\n2\n3\n"
    story = make_story(
        folder,
        ["git merge $UPSTREAM_TAG"],
        base={"f.txt": marks},
        downstream={"f.txt": marks.replace("2", "ours")},
        upstream={"f.txt": marks.replace("2", "theirs")},
    )
    pull, repository = story.conflict(), story.repository
    asked = repository.tip(pull.head_branch)
    assert asked is not None
    marked = repository.show(asked, "f.txt") + "\n"
    giant: dict[str, str | bytes | None] = {
        "giant": os.urandom(GIANT_BYTES),
        "f.txt": marked * (GIANT_BYTES // len(marked)),
    }
    heads = {
        "giant": repository.commit("giant", giant, parents=(asked,)),
        "many": _with_many_files(repository, asked),
    }
    base = repository.tip(pull.base_branch)
    assert base is not None
    key = pull.head_branch.split("/")[-2]
    return [
        _publish(repository, f"{name}-{number}", key, base, commit)
        for name, commit in heads.items()
        for number in range(ASKED)
    ]


def _with_many_files(repository: Repository, commit: str) -> str:
    blob = repository.git("hash-object", "-w", "--stdin", stdin=b"x")
    entries = "".join(f"100644 blob {blob}\t{number:06}\n" for number in range(MANY_FILES))
    inner = repository.git("mktree", stdin=entries.encode())
    top = f"{repository.git('ls-tree', commit)}\n040000 tree {inner}\tmany\n"
    tree = repository.git("mktree", stdin=top.encode())
    return repository.git("commit-tree", tree, "-p", commit, "-m", "Resolve")


def _publish(repository: Repository, plan: str, key: str, base: str, head: str) -> Question:
    """Give a Plan its own downstream; all share their objects on disk."""
    base_branch, head_branch = conflict_branches(plan, VERSION, key)
    repository.git("update-ref", f"refs/heads/{base_branch}", base)
    repository.git("update-ref", f"refs/heads/{head_branch}", head)
    repository.path.with_name(plan).symlink_to(repository.path)
    return Question(
        plan=plan,
        repository=f"conflict.test/downstream/{plan}",
        base=base_branch,
        head=head_branch,
        commit=head,
    )
