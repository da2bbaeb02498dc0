"""Forecasts a merge without a work tree, with the code that answers a run's conflicts.

It fetches only the contents that the merge reads: what either side changed since their common
ancestor, and the attribute files. The history replay uses the same forecast.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from resync_argo.attempt.conflict.collisions import Ends, find_collisions
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.merge.conflicts import Merged, merge_sides
from resync_argo.attempt.merge.logical import Logical
from resync_argo.attempt.merge.options import (
    MERGE_SETTINGS,
    Call,
    MergeOptions,
    merge_options,
    parse_call,
)
from resync_argo.attempt.merge.raw import THEIR_STAGE, Sides
from resync_argo.attempt.merge.three_way import write_tree
from resync_argo.attempt.merge.untouched import Origins
from resync_argo.attempt.repository.clone import fetch_contents
from resync_argo.attempt.resolve.request import CARRY
from resync_argo.attempt.resolve.settle import Alone, decide_alone
from resync_argo.conflicts.quoting import quote
from resync_argo.contract import Contract
from resync_argo.errors import ResyncError, UsageError
from resync_argo.git import Git, GitError
from resync_argo.local.lint.scripts import commands
from resync_argo.local.preview.report import Forecast, Person

MOST_PEOPLE = 10

NEEDED = (2, 38)
"""The version of git in which `merge-tree` learned `--write-tree`."""

_UNRELATED = "--allow-unrelated-histories"
_DRIVER = re.compile(r"merge\.[\w-]{1,50}\.driver", re.A)
_KEEPING = ("true", "/bin/true", ":")
"""Merge drivers that leave the file as it is (gitattributes(5), "Defining a custom merge driver")."""

_MERGES = ("merge", "pull", "subtree")


def check_git(git: Git) -> None:
    """Refuse a git that is too old.

    Raises:
        UsageError: git is too old; the message names the required version.
    """
    said = git.text("version")
    found = re.search(r"(\d{1,4})\.(\d{1,4})", said)
    if found is None or (int(found[1]), int(found[2])) < NEEDED:
        raise UsageError(f"A forecast needs git {NEEDED[0]}.{NEEDED[1]} or later; this is {said}.")


def first_call(scripts: Iterable[str]) -> tuple[Call | None, dict[str, str]]:
    """Return the first visible command that brings in upstream's commits, and the settings made before it.

    The settings are those that affect a merge, and those that keep downstream's file
    (`merge.ours.driver true`).
    """
    settings: dict[str, str] = {}
    for script in scripts:
        for command in commands(script):
            if command.words[0] != "git":
                continue
            call = parse_call(command.words[1:])
            settings |= _setting(call)
            if call.command in (*_MERGES, CARRY):
                return call, settings
    return None, settings


def first_word(scripts: Iterable[str]) -> str | None:
    """Return the first git command that brings in upstream's commits in any way, including a rebase."""
    for script in scripts:
        for command in commands(script):
            if command.words[0] == "git":
                word = parse_call(command.words[1:]).command
                if word in (*_MERGES, CARRY, "rebase"):
                    return word
    return None


def options_of(scripts: Iterable[str]) -> MergeOptions:
    """Return how a Plan's scripts merge, by their first visible command that merges."""
    call, settings = first_call(scripts)
    if call is None:
        return MergeOptions(unrelated=False)
    found = merge_options(call, settings=settings)
    return replace(found, settings={**found.settings, **settings}, unrelated=call.has(_UNRELATED))


def _setting(call: Call) -> dict[str, str]:
    """Return the setting that a call makes if it affects a merge; empty otherwise."""
    if call.command != "config":
        return {}
    name, value = [it for it in (*call.words, "", "") if not it.startswith("-")][:2]
    is_driver = _DRIVER.fullmatch(name) is not None and value in _KEEPING
    return {name: "true" if is_driver else value} if is_driver or name in MERGE_SETTINGS else {}


@dataclass(frozen=True, kw_only=True)
class Forecasted:
    """A forecast, and the authors of downstream's conflicting lines."""

    forecast: Forecast
    people: tuple[Person, ...]


def forecast(
    attempt: Attempt,
    head: str,
    tag: str,
    options: MergeOptions,
    *,
    released: str | None = None,
    contained: tuple[str, ...] = (),
) -> Forecasted:
    """Return the result of merging a tag's commit into a commit of the branch.

    Call `attempt.repository.needed.fetch_for_forecast` first.

    Args:
        attempt: has the clone.
        head: commit of the branch.
        tag: commit of the tag.
        options: how the Plan merges.
        released: the newest release that the branch contains; None if it contains none.
        contained: all releases that it contains.

    Raises:
        ResyncError: it cannot be merged; the message says why.
    """
    git = attempt.repository
    met = meet(attempt, head, tag, options, released=released, contained=contained)
    merged, alone = met.merged, met.decide(git, attempt.contract, options)
    by_rules = {it.conflict.path.path for it in alone.ruled}
    untouched = {it.path for it in alone.untouched}
    by_steps = {it.conflict.path.path for it in alone.remaking.settled}
    settled = by_rules | untouched | by_steps
    asked = [it for it in merged.conflicts if it.path.path not in settled]
    argv = ("diff-tree", "-r", "--no-renames", "--name-only", "-z")
    changed = git.run(*argv, head, merged.raw.tree)
    found = Forecast(
        commits=int(git.text("rev-list", "--count", f"{head}..{tag}")),
        files=changed.count(b"\0"),
        conflicts=tuple(quote(it.path.path) for it in asked),
        by_rules=tuple(quote(it) for it in sorted(by_rules)),
        untouched=tuple(quote(it) for it in sorted(untouched)),
        by_steps=tuple(quote(it) for it in sorted(by_steps)),
    )
    return Forecasted(forecast=found, people=people_of(attempt, head, tag, asked))


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """A release and the branch, merged without a work tree.

    Attributes:
        merged: git's result.
        tree: what git could merge by itself, without the unmerged paths.
        origins: where the sides come from; None if the branch contains no release.
    """

    merged: Merged
    tree: str
    origins: Origins | None

    def decide(self, git: Git, contract: Contract, options: MergeOptions) -> Alone:
        """Return what is decided about the conflicts without a person.

        Raises:
            Stalled: a rule cannot be used.
            GitError: an object is missing.
        """
        conflicts = self.merged.conflicts
        return decide_alone(git, contract, conflicts, options, tree=self.tree, origins=self.origins)


def meet(
    attempt: Attempt,
    head: str,
    tag: str,
    options: MergeOptions,
    *,
    released: str | None,
    contained: tuple[str, ...] = (),
) -> Meeting:
    """Merge a tag's commit into a commit of the branch; the arguments are those of `forecast`.

    Raises:
        ResyncError: it cannot be merged; the message says why.
    """
    merged = _merge(attempt, head, tag, options)
    git, raw = attempt.repository, merged.raw
    tree = write_tree(git, raw.tree, dict.fromkeys(raw.stages))
    origins = None
    if released:
        origins = Origins.of_merge(git, head, tag, released=released, contained=contained)
    return Meeting(merged=merged, tree=tree, origins=origins)


def people_of(
    attempt: Attempt, head: str, tag: str, asked: Sequence[Logical]
) -> tuple[Person, ...]:
    """Return the authors of downstream's lines that people are asked about, most lines first."""
    base = attempt.repository.attempt("merge-base", head, tag).stdout.decode().strip()
    if not base or not asked:
        return ()
    marked = {it.path.path: it.marked for it in asked if it.marked}
    ends = Ends(base=base, downstream=head, upstream=tag)
    found = find_collisions(attempt, ends, [it.path for it in asked], marked)
    places = Counter(
        author
        for collisions in found.values()
        for it in collisions
        for author in {commit.author for commit in it.downstream}
    )
    return tuple(Person(name=name, places=count) for name, count in places.most_common(MOST_PEOPLE))


def merge_tree(git: Git, head: str, other: str) -> tuple[str, list[bytes]]:
    """Merge two commits; return the tree, which contains markers, and the conflicted paths.

    Raises:
        GitError: git cannot merge them; most often an object is missing.
    """
    merged = merge_sides(git, Sides(ours=head, theirs=other), MergeOptions(), upstream=THEIR_STAGE)
    return merged.raw.tree, [it.path.path for it in merged.conflicts]


def _merge(attempt: Attempt, head: str, tag: str, options: MergeOptions) -> Merged:
    git, sides = attempt.repository, Sides(ours=head, theirs=tag)
    try:
        return merge_sides(git, sides, options, upstream=THEIR_STAGE)
    except GitError as error:
        if "unrelated histories" in error.stderr:
            raise ResyncError(
                "The branch and this release have no common commit, and the Plan does not merge with"
                f" `{_UNRELATED}`."
            ) from error
    # With several common ancestors, or renames to compare, git reads more contents.
    fetch_contents(attempt, head, tag)
    return merge_sides(git, sides, options, upstream=THEIR_STAGE)
