"""How to land a branch that the steps rewrote: no merge button can do that."""

from shlex import quote

from resync_argo.attempt.context import Attempt, ReplayInput
from resync_argo.attempt.markdown import code


def how_to_land(attempt: Attempt, replay: ReplayInput) -> str:
    """Return Markdown that explains the pull request and how to land it."""
    downstream = attempt.contract.config.downstream
    branch, place = downstream.branch, f"https://{downstream.name}"
    source = f"https://{downstream.fork or downstream.name}"
    lease = f"--force-with-lease={branch}:{replay.head}"
    target = f"FETCH_HEAD:refs/heads/{branch}"
    lines = (
        f"**The steps rewrote the history of {code(branch)}**, so a merge would bring the old commits back beside the"
        " new ones. Instead, replace the branch, if nobody has pushed to it meanwhile:",
        "",
        "```sh",
        f"git fetch {quote(source)} {quote(attempt.sync_branch)}",
        f"git push {quote(lease)} {quote(place)} {quote(target)}",
        "```",
        "",
        f"To land it with a merge button, let the steps end with {code(f'git merge -s ours origin/{branch}')}.",
    )
    return "\n".join(lines)
