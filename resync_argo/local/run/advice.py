"""The exact commands that come next when a run waits for a person: those of the pull request. Pure."""

from resync_argo.attempt.recipe import Recipe
from resync_argo.local.run.outcome import Advice


def resolve(recipe: Recipe, *, begun: bool, pull_request: str, again: str) -> Advice:
    """Return how to resolve a conflict.

    Args:
        recipe: as the pull request has it.
        begun: its work tree is there already.
        pull_request: address of the conflict's pull request.
        again: the command that goes on.
    """
    commands = recipe.rest if begun else recipe.commands
    if recipe.folder is None:
        commands += (f"# merge {pull_request}",)
    where = "" if recipe.folder is not None else ", in a clone of the downstream repository"
    return Advice(
        sentence=(
            "How to take a side of a whole file is in the pull request. Resolve the conflict, merge it, and run the"
            f" same again{where}:"
        ),
        commands=(*commands, again),
    )
