"""Finds the pull requests to include, and pins them: they stay the same until the sync's result is pushed."""

from collections.abc import Sequence
from dataclasses import dataclass

from resync_argo.api.include import IncludedPull
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.include.choose import choose, fits
from resync_argo.attempt.include.record import Record, read_record, rules_of
from resync_argo.attempt.repository.clone import PUSH, fetch, fetch_beside
from resync_argo.errors import Stalled
from resync_argo.forge.interface import NotModified, ObjectNotFound, PullRequest, PullRequestState
from resync_argo.git import Git
from resync_argo.reasons.attempt import TOO_MANY_INCLUDED

MAX_COMMITS = 100
"""How many commits one pull request may have."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found: fields of `ReplayInput`, which explains them."""

    included: tuple[IncludedPull, ...] = ()
    left: tuple[str, ...] = ()
    include_record: str = ""


def find_included(attempt: Attempt, head: str, release: str) -> Found:
    """Find and fetch the pull requests to include.

    Args:
        attempt: with the Plan and the clone.
        head: the branch's commit.
        release: upstream's commit.

    Raises:
        Stalled: too many match, one has too many commits, or credentials are missing.
        Transient: the forge or the host does not answer.
    """
    if not attempt.contract.config.include:
        return Found()
    record, commit = read_record(attempt)
    left: list[str] = []
    remote = "downstream"
    if record is not None and _is_asked(attempt, record, release):
        pulls = [_with_news(attempt, it) for it in record.pulls]
        _name(attempt.repository, pulls)
        remote = PUSH
    else:
        before = {it.number: it for it in record.pulls} if record is not None else {}
        branch = attempt.contract.config.downstream.branch
        pulls = choose(attempt.contract.config.include, attempt.forge.list_open(branch))
        if pulls:
            fetch(attempt, "downstream", [f"+{it.head}:{it.ref}" for it in pulls])
        left = [_gone(attempt, it) for it in before.values() if it.number not in _numbers(pulls)]
        pulls = [_moved(it, before.get(it.number)) for it in pulls]
    fetch_beside(attempt, remote, head, [it.head for it in pulls])
    own = own_commits(attempt.repository, head, release, pulls)
    found = [it.model_copy(update={"contained": not commits}) for it, commits in own]
    return Found(included=tuple(found), left=tuple(left), include_record=commit)


def own_commits(
    git: Git, head: str, release: str, pulls: Sequence[IncludedPull]
) -> list[tuple[IncludedPull, list[str]]]:
    """Return each pull request with the commits that only it adds, oldest first.

    Neither side has them, and no earlier pull request.

    Raises:
        Stalled: reason `TooManyIncluded`.
    """
    found: list[tuple[IncludedPull, list[str]]] = []
    known = [f"^{head}", f"^{release}"]
    for it in pulls:
        argv = ("rev-list", "--reverse", "--topo-order", "--no-merges", it.head, *known, "--")
        commits = git.text(*argv).split()
        if len(commits) > MAX_COMMITS:
            raise Stalled(
                TOO_MANY_INCLUDED,
                f"Pull request #{it.number} has {len(commits):,} commits that neither the branch nor the release has,"
                f" and {MAX_COMMITS} come along at most: is it for another branch?",
            )
        found.append((it, commits))
        known.append(f"^{it.head}")
    return found


def _is_asked(attempt: Attempt, record: Record, release: str) -> bool:
    """Return whether people were already asked about this sync, so that the same pull requests stay included."""
    told = (record.state, record.release, record.rules)
    return told == ("Asked", release, rules_of(attempt))


def _name(git: Git, pulls: Sequence[IncludedPull]) -> None:
    commands = "".join(f"update {it.ref} {it.head}\n" for it in pulls)
    git.run("update-ref", "--stdin", stdin=commands.encode())


def _numbers(pulls: Sequence[IncludedPull]) -> set[int]:
    return {it.number for it in pulls}


def _moved(pull: IncludedPull, before: IncludedPull | None) -> IncludedPull:
    if before is None or before.head == pull.head:
        return pull
    return pull.model_copy(update={"news": f"it came along at `{before.head[:12]}` before"})


def _with_news(attempt: Attempt, pull: IncludedPull) -> IncludedPull:
    """Return a pinned pull request with what happened to it since."""
    now = _look(attempt, pull)
    news = ""
    if now is None:
        news = "it no longer exists"
    elif now.state is not PullRequestState.OPEN:
        news = f"it was {now.state.value} since"
    elif now.head_commit != pull.head:
        news = f"it is at `{now.head_commit[:12]}` now, which `/resync refresh` picks up"
    elif not fits(attempt.contract.config.include, now):
        news = "it no longer matches `config.include`"
    return pull.model_copy(update={"news": news})


def _gone(attempt: Attempt, pull: IncludedPull) -> str:
    now = _look(attempt, pull)
    why = "it no longer matches `config.include`"
    if now is None:
        why = "it is gone"
    elif now.state is not PullRequestState.OPEN:
        why = f"it was {now.state.value}"
    return f"#{pull.number} came along before, at `{pull.head[:12]}`, and does not now: {why}."


def _look(attempt: Attempt, pull: IncludedPull) -> PullRequest | None:
    try:
        now, _ = attempt.forge.get_pull_request(pull.number)
    except ObjectNotFound:
        return None
    return None if isinstance(now, NotModified) else now
