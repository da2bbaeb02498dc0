"""Pushes upstream's git tag to the downstream repository if the Plan asks for it, `config.pushTag`.

It goes to downstream even if branches go to a fork, since people run `git describe` there. The tag
is upstream's own object, unchanged. It is optional: if the push fails, the pull request reports why
and the sync continues.
"""

from resync_argo.attempt.context import Attempt, ReplayInput
from resync_argo.attempt.markdown import code
from resync_argo.attempt.repository.clone import fetch_for_push
from resync_argo.errors import ResyncError, Stalled, Transient
from resync_argo.hosts.refs import list_refs
from resync_argo.hosts.refusals import explained

_GRANT = (
    "Let the Plan's credentials push tags to {name} (for an App or a fine-grained token the permission *Contents*, and"
    " rules for tags that allow it), or push it by hand."
)


def push_tag(attempt: Attempt, replay: ReplayInput) -> str:
    """Push the tag if the Plan asks for it and downstream lacks it.

    Returns:
        A sentence in Markdown if downstream still lacks the tag; "" if it has it.
    """
    if not attempt.contract.config.push_tag or replay.upstream_branch is not None:
        return ""
    ref, name = f"refs/tags/{replay.tag}", attempt.contract.config.downstream.name
    wanted = attempt.repository.text("rev-parse", "--verify", ref)
    branches = (
        f"refs/heads/{it}"
        for it in (attempt.contract.config.downstream.branch, attempt.sync_branch)
    )
    try:
        there = list_refs(attempt.repository, attempt.downstream, *branches, ref)
        if ref not in there:
            fetch_for_push(attempt, replay.tag_commit, there.values())
            _push(attempt, f"{wanted}:{ref}", ref)
    except Stalled as error:
        return f"**{code(replay.tag)} was not pushed as a tag.** {_said(error)} {_GRANT.format(name=name)}"
    except Transient as error:
        return f"**{code(replay.tag)} was not pushed as a tag.** {_said(error)} `/resync refresh` tries it again."
    if there.get(ref, wanted) == wanted:
        return ""
    return (
        f"**{code(replay.tag)} was not pushed as a tag:** {name} has another tag of that name,"
        f" {code(there[ref][:12])}, which stays as it is; upstream's is {code(wanted[:12])}."
    )


def _said(error: ResyncError) -> str:
    return code(str(error), limit=600)


def _push(attempt: Attempt, refspec: str, ref: str) -> None:
    # By the address, so that a dry run or a test can replace the repository here, too.
    remote = attempt.downstream
    argv = ("push", "--quiet", "--no-thin", f"--force-with-lease={ref}:", "--", remote.url)
    with explained(remote, ref):
        attempt.published.run(*argv, refspec, remote=remote)
