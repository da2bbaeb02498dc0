"""What a step runs in its image: its script, or the program that makes files of the branch again (regenerate.sh)."""

import re
import shlex

from resync_argo.api.plan import PlanSpec, Step

PROGRAM = "resync-regenerate"

_CARRIES = re.compile(r"\bgit[^\S\n]+carry\b")


def script_of(spec: PlanSpec, step: Step) -> str | None:
    """Return what a step runs; None for an action."""
    if step.regenerate is None:
        return step.run
    return shlex.join([PROGRAM, step.regenerate, *_subject(spec)])


def _subject(spec: PlanSpec) -> list[str]:
    """Return what the subject of the commit begins with: where patches are carried, this one is made again instead."""
    carries = any(_CARRIES.search(it.run or "") for it in spec.steps)
    prefixes = spec.config.carries.prefixes
    return [f"{prefixes[0]}: <drop>: "] if carries and prefixes else []
