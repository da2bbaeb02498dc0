"""Finds the next release, and explains when a cluster would not run the one that a person asked for."""

from collections.abc import Sequence
from itertools import takewhile

from resync_argo.api.plan import Config
from resync_argo.attempt.context import Attempt
from resync_argo.local.preview.report import Release as Due
from resync_argo.upstream import eligibility
from resync_argo.upstream.eligibility import Release
from resync_argo.upstream.remote import list_tags


def next_version(due: Sequence[Due]) -> str | None:
    """Return the version that is due; None if none is."""
    return next((it.version for it in due if it.standing == "Submit"), None)


def why_nothing(due: Sequence[Due]) -> str:
    """Return why no release is due."""
    waiting = next((it for it in due if it.standing == "Wait"), None)
    if waiting is not None:
        return f"{waiting.version} waits: {waiting.message}"
    if not due:
        return "Upstream has no release in the Plan's range."
    return f"{due[-1].version} is the newest release of the Plan's range, and it needs no sync."


def out_of_turn(attempt: Attempt) -> str | None:
    """Return, as a sentence, why a cluster would not run this release now; None if it would.

    Raises:
        Stalled, Transient: upstream cannot be read.
    """
    config, replay = attempt.contract.config, attempt.replay_input()
    if config.upstream.branch is not None:
        return None
    tags = list_tags(attempt.git_in(attempt.layout.trusted), attempt.upstream)
    releases = eligibility.select(tags, config).releases
    return sentence(config, releases, attempt.version, contained=replay.previous_version)


def sentence(
    config: Config, releases: Sequence[Release], version: str, *, contained: str | None
) -> str | None:
    """Return that sentence, given the wanted releases, oldest first, and the newest one in the branch."""
    versions = [str(it.version) for it in releases]
    if version not in versions:
        ranges = ", ".join(f"`{it}`" for it in config.upstream.matched_versions)
        return f"A cluster would not sync {version}: the Plan wants {ranges}."
    if config.effective_order == "Latest":
        newest = versions[-1]
        return (
            None
            if version == newest
            else f"A cluster would sync {newest} instead: `order` is Latest."
        )
    begin = versions.index(contained) + 1 if contained in versions else 0
    earlier = list(takewhile(lambda it: it != version, versions[begin:]))
    if not earlier:
        return None
    more = f" and {len(earlier) - 1} more" if len(earlier) > 1 else ""
    return f"A cluster would sync {earlier[0]}{more} before {version}."
