"""Lists what a history cannot teach. Pure."""

from collections.abc import Iterator

from resync_argo.api.plan import Plan
from resync_argo.attempt.markdown import count
from resync_argo.attempt.merge.options import parse_call
from resync_argo.attempt.resolve.request import CARRY
from resync_argo.local.history.own import Own
from resync_argo.local.lint.scripts import commands

_PICKING = {
    CARRY: "`git carry` merges upstream with all that is carried once, and rules count in that merge",
    "rebase": "a rebase picks the fork's commits one by one, and rules count at each stop",
    "cherry-pick": "picks stop one by one, and rules count at each stop",
    "am": "patches stop one by one, and rules count at each stop",
}


def notes_on(plan: Plan, bumps: int) -> Iterator[str]:
    """Yield, as sentences, what you should know if the Plan does not just merge."""
    for script in (step.run or "" for step in plan.spec.steps):
        for command in commands(script):
            if command.words[0] != "git":
                continue
            word = parse_call(command.words[1:]).command
            if word in _PICKING:
                merges = count(bumps, "merge")
                yield (
                    f"The Plan's steps say `git {word}`: {_PICKING[word]}. Only merges can be learned from, for a"
                    " commit that was picked again does not say what was in conflict, nor who decided it: what"
                    f" follows is about the {merges} of a release with the branch, where there are any."
                )
                return


def nothing_found(plan: Plan, own: Own) -> str:
    """Return why there is nothing to learn, as a sentence."""
    what = "a commit of upstream's" if plan.spec.config.upstream.branch else "an upstream release"
    branch = plan.spec.config.downstream.branch
    return (
        f"There is nothing to learn from: among {count(len(own.parents), 'commit')} of its own {branch} has no"
        f" merge of {what}. Of releases that were squashed into it, `resync-argo doctor` tells."
    )
