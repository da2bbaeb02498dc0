"""The program behind the command `learn`: reads a fork's history, merges its bumps again, and proposes rules and steps.

It learns on the older part and judges on the rest. Nothing is applied.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from resync_argo.api.plan import Plan
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.attempt.repository.clone import fetch
from resync_argo.attempt.repository.contained import contained_releases, last_release
from resync_argo.attempt.repository.upstream_release import reachable
from resync_argo.errors import ResyncError, Transient
from resync_argo.git import Git
from resync_argo.local.console import progress
from resync_argo.local.history.bumps import Bump, bumps_in
from resync_argo.local.history.own import Own
from resync_argo.local.learn.lesson import Lesson, Unread
from resync_argo.local.learn.notes import notes_on, nothing_found
from resync_argo.local.learn.replay import Contained, Replayed, replay
from resync_argo.local.learn.study import study
from resync_argo.local.preview.clone import open_clone
from resync_argo.local.preview.forecast import options_of
from resync_argo.local.preview.program import read_branch
from resync_argo.upstream.eligibility import read_releases
from resync_argo.upstream.git_tags import GitTag
from resync_argo.upstream.remote import list_tags
from resync_argo.upstream.scheme import Scheme

MOST_BUMPS = 200
"""The newest ones: habits of years ago say little."""

MOST_SECONDS = 1_800
"""Of merging again, newest first; what is older by then is left out."""

MOST_FILES = 300
"""In conflict in one bump: more are no habit, but the work of a day."""

_UPSTREAM = "refs/resync-argo/learn/"


def learn(plan: Plan, environ: Mapping[str, str]) -> Lesson:
    """Return what the history of a Plan's fork teaches.

    Raises:
        UsageError: git is too old, or a local clone cannot be used.
        Stalled, Transient: a repository cannot be read.
    """
    with open_clone(plan, environ) as attempt:
        return _learn(plan, attempt)


def _learn(plan: Plan, attempt: Attempt) -> Lesson:
    config, git = plan.spec.config, attempt.repository
    with progress("Fetching both repositories"):
        tags = list_tags(attempt.git_in(attempt.layout.trusted), attempt.upstream)
        head, _ = read_branch(attempt)
        upstream = _fetch_upstream(attempt)
    with progress("Looking for merges of releases"):
        own = Own.read(git, [head], upstream)
        releases = read_releases(tags, Scheme.of(config.upstream)).releases
        names = {it.tag.commit: (str(it.version), it.tag.name) for it in releases}
        found = bumps_in(git, own, names, branches=config.upstream.branch is not None)
    lesson = Lesson(
        plan=plan.metadata.name,
        upstream=config.upstream.name,
        downstream=config.downstream.name,
        branch=config.downstream.branch,
        notes=tuple(notes_on(plan, len(found))),
    )
    if not found:
        return lesson.model_copy(update={"notes": (*lesson.notes, nothing_found(plan, own))})
    options = options_of(step.run or "" for step in plan.spec.steps)
    history = _History(attempt=attempt, tags=tags, options=options)
    replayed = history.replay_all(found)
    with progress("Judging rules"):
        update = study(git, attempt.contract, options, replayed)
    update["unread"] = (*_left_out(found, history), *history.unread)
    return lesson.model_copy(update=update)


def _fetch_upstream(attempt: Attempt) -> list[str]:
    """Fetch upstream's branches and tags; return the commits that they name."""
    git = attempt.repository
    # A former branch `a` may have given way to a branch `a/b`.
    listing = git.text("for-each-ref", "--format=delete %(refname)", _UPSTREAM)
    git.run("update-ref", "--stdin", stdin=f"{listing}\n".encode() if listing else b"")
    fetch(attempt, "upstream", [f"+refs/{it}/*:{_UPSTREAM}{it}/*" for it in ("heads", "tags")])
    layout = "%(objecttype) %(objectname)\n%(*objecttype) %(*objectname)"
    named = (
        it.split() for it in git.text("for-each-ref", f"--format={layout}", _UPSTREAM).splitlines()
    )
    return [words[1] for words in named if words[:1] == ["commit"]]


def _left_out(found: Sequence[Bump], history: "_History") -> Iterable[Unread]:
    if history.older:
        why = f"older than the newest {len(found) - history.older}"
        last = found[history.older - 1]
        yield Unread(tag=last.tag, why=f"{why}, and so are {history.older - 1} before it")


@dataclass
class _History:
    """The bumps of a fork, merged again.

    Attributes:
        attempt: has the clone.
        tags: upstream's.
        options: how the Plan merges.
        unread: bumps that teach nothing.
        older: how many of the oldest were left out.
        trouble: the last failure to reach a host or to fetch an object.
    """

    attempt: Attempt
    tags: Sequence[GitTag]
    options: MergeOptions
    unread: list[Unread] = field(default_factory=list)
    older: int = 0
    trouble: Transient | None = None

    def replay_all(self, found: Sequence[Bump]) -> list[Replayed]:
        """Merge the newest bumps again; return them oldest first.

        Raises:
            Transient: none of them could be fetched.
        """
        replayed: list[Replayed] = []
        until = time.monotonic() + MOST_SECONDS
        for number, bump in enumerate(reversed(found)):
            if number == MOST_BUMPS or time.monotonic() > until:
                self.older = len(found) - number
                break
            with progress(f"Merging {bump.tag} again, {number + 1} of {len(found)}"):
                one = self._replay(bump)
            if one is not None:
                replayed.append(one)
        self.unread.reverse()
        if not replayed and self.trouble is not None:
            raise self.trouble
        return replayed[::-1]

    def _replay(self, bump: Bump) -> Replayed | None:
        attempt, git = self.attempt, self.attempt.repository
        try:
            contained = _contained(git, attempt, self.tags, bump.parent)
            found = replay(attempt, bump, self.options, contained)
        except ResyncError as error:
            self.trouble = error if isinstance(error, Transient) else self.trouble
            self.unread.append(Unread(tag=bump.tag, why=str(error)))
            return None
        if len(found.files) > MOST_FILES:
            why = f"{len(found.files):,} files in conflict are no habit"
            self.unread.append(Unread(tag=bump.tag, why=why))
            return None
        return found


def _contained(git: Git, attempt: Attempt, tags: Sequence[GitTag], parent: str) -> Contained:
    config, history = attempt.contract.config, reachable(git, parent)
    last = last_release(git, config, tags, head=parent, history=history)
    inside = contained_releases(config, tags, history)
    return Contained(
        newest=last.tag.commit if last else None,
        commits=tuple(it.tag.commit for it in inside),
    )
