"""Finds a run's commit on upstream's branch, and the newest one that the downstream branch contains.

It replaces `upstream_release` if the Plan follows a branch; the attempt's version is a
pseudo-version.
"""

from datetime import UTC, datetime

from resync_argo.attempt.context import Attempt
from resync_argo.errors import Stalled
from resync_argo.git import Git, commit_time
from resync_argo.reasons.attempt import INVALID_PARAMETER
from resync_argo.reasons.sync import TAG_GONE
from resync_argo.upstream.branches import Tip
from resync_argo.upstream.eligibility import Release
from resync_argo.upstream.git_tags import GitTag
from resync_argo.upstream.remote import look_at_branch
from resync_argo.upstream.versions import Refusal, parse_version

_HEADS = "refs/heads/"


def find_commit(attempt: Attempt, branch: str) -> Release:
    """Return the run's commit: the one that it was submitted with, else the branch's newest.

    Args:
        attempt: the run.
        branch: the one that the Plan follows: a name or a pattern.

    Raises:
        Stalled: reason `TagGone`: a person submitted a version that is not the newest.
        Transient: upstream cannot be read.
    """
    parameters = attempt.parameters
    if parameters.commit is not None:
        version = parse_version(attempt.version)
        if isinstance(version, Refusal):
            raise Stalled(INVALID_PARAMETER, version.message)
        named = (parameters.ref or branch).removeprefix(_HEADS)
        tag = GitTag(name=attempt.version, commit=parameters.commit, branch=named)
        return Release(version=version, tag=tag)
    tip = look_at_branch(attempt.git_in(attempt.layout.trusted), attempt.upstream, branch)
    if str(tip.version) != attempt.version:
        raise Stalled(
            TAG_GONE,
            f"The branch {tip.branch} of {attempt.contract.config.upstream.name} is at {tip.version} now, not at"
            f" {attempt.version}: sync that one, or give the parameter `commit`, too.",
        )
    return Release(version=tip.version, tag=tip.tag)


def contained_commit(git: Git, head: str, wanted: Release) -> Release | None:
    """Return the newest of upstream's commits that the downstream branch contains; None without one.

    Args:
        git: the clone.
        head: the downstream branch's tip.
        wanted: the run's commit.
    """
    base = git.attempt("merge-base", head, wanted.tag.commit).stdout.decode().strip()
    if not base:
        return None
    if base == wanted.tag.commit:
        return wanted
    time = datetime.fromtimestamp(commit_time(git, base), UTC)
    tip = Tip(branch=wanted.tag.branch or "", commit=base, time=time)
    return Release(version=tip.version, tag=tip.tag)
