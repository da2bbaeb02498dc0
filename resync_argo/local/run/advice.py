"""The command that comes next when a run waits for a person. Pure."""

from resync_argo.attempt.recipe import Recipe
from resync_argo.local.run.outcome import Advice


def resolve(recipe: Recipe, *, begun: bool, command: str | None, again: str) -> Advice:
    """Return how to resolve a conflict.

    Args:
        recipe: as the pull request has it.
        begun: its work tree exists already.
        command: the command that opens the conflict and goes on; None if the Plan came from
            standard input.
        again: the command that goes on.
    """
    if command is not None and not begun:
        return Advice(
            sentence="Resolve it in your editor or merge tool, merge it, and go on, all with this:",
            commands=(command,),
        )
    commands = recipe.rest if begun else recipe.commands
    merging = () if recipe.folder is not None else ("# merge the pull request",)
    where = "" if recipe.folder is not None else ", in a clone of the downstream repository"
    return Advice(
        sentence=f"Resolve the conflict, merge it, and run the same command again{where}:",
        commands=(*commands, *merging, again),
    )
