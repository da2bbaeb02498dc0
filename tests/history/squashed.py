"""Syncs one bump again after the release before it was squashed: without a record of that, and with one.

The squash is made as a host makes it: the merge of the release before loses its second parent, and all that
downstream did since is made again on top of that.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

from resync_argo.forge.grafts import Brought, write_record
from resync_argo.git import Git, Remote
from resync_argo.local.doctor.program import examine
from resync_argo.local.history.bumps import Bump
from tests.history.replay import BRANCH, Stage, Unreadable, plan_of


@dataclass(frozen=True, kw_only=True)
class Squashed:
    """What a bump asks people about, three ways.

    Attributes:
        bump: which.
        before: the release that was squashed.
        whole: files in conflict while the branch has that release's history.
        without: files in conflict after the squash.
        recorded: the same with the record that the controller writes.
        repaired: with what `resync-argo doctor --write` writes, which knows nothing of the squash.
    """

    bump: Bump
    before: str
    whole: tuple[str, ...]
    without: tuple[str, ...]
    recorded: tuple[str, ...]
    repaired: tuple[str, ...]


def replay_squashed(stage: Stage, bump: Bump, before: Bump) -> Squashed:
    """Run a bump on the branch as it was, after a squash of the bump before, and with a record.

    Args:
        stage: both repositories.
        bump: which.
        before: the newest bump in its parent's history.

    Raises:
        Unreadable: a run failed; says why.
    """
    git = Git(directory=stage.downstream)
    made, tip = squash(git, before.merge, bump.parent)

    def record() -> None:
        brought = Brought(merged=made, release=before.tag_commit)
        write_record(Remote(url=f"file://{stage.downstream}"), BRANCH, brought)

    def repair() -> None:
        # Releases that came later were not there yet.
        plan = plan_of(bump, [], matched=f"<={bump.version}")
        examine(plan, os.environ, write=True)

    return Squashed(
        bump=bump,
        before=before.tag,
        whole=_asked(stage, bump, bump.parent),
        without=_asked(stage, bump, tip),
        recorded=_asked(stage, bump, tip, record),
        repaired=_asked(stage, bump, tip, repair),
    )


def squash(git: Git, merge: str, tip: str) -> tuple[str, str]:
    """Rewrite a history so that a merge has its first parent alone.

    Args:
        git: the repository.
        merge: the merge.
        tip: a commit with the merge in its history, or the merge itself.

    Returns:
        What the merge and the tip became.
    """
    later = git.text("rev-list", "--topo-order", "--reverse", "--ancestry-path", f"{merge}..{tip}")
    new: dict[bytes, bytes] = {}
    for commit in (merge, *later.split()):
        head, _, message = git.run("cat-file", "commit", commit).partition(b"\n\n")
        lines = head.split(b"\n")
        if commit == merge:
            first, *others = [line for line in lines if line.startswith(b"parent ")]
            lines = [line for line in lines if line not in others or line == first]
        lines = [
            b"parent " + new.get(line[7:], line[7:]) if line.startswith(b"parent ") else line
            for line in lines
        ]
        content = b"\n".join(lines) + b"\n\n" + message
        made = git.run("hash-object", "-t", "commit", "-w", "--stdin", stdin=content)
        new[commit.encode()] = made.strip()
    return new[merge.encode()].decode(), new[tip.encode()].decode()


def _asked(
    stage: Stage, bump: Bump, head: str, prepare: Callable[[], None] = lambda: None
) -> tuple[str, ...]:
    stage.reset(head)
    prepare()
    outcome = stage.run(bump, plan_of(bump, []))
    if outcome.conflict is not None:
        return outcome.conflict.files
    if outcome.outcome != "Synced":
        raise Unreadable(f"{outcome.outcome}: {outcome.message}")
    return ()
