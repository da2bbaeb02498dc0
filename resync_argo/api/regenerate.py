"""What a step runs in its image: its script, or the program that regenerates files of the branch (regenerate.sh)."""

import re
import shlex
from collections.abc import Iterator

from resync_argo.api.plan import PlanSpec, Step

PROGRAM = "resync-regenerate"

_CARRIES = re.compile(r"\bgit[^\S\n]+carry\b")


def script_of(spec: PlanSpec, step: Step) -> str | None:
    """Return what a step runs; None for an action."""
    if step.regenerate is None:
        return step.run
    return shlex.join([PROGRAM, step.regenerate, *_options(spec, step)])


def _options(spec: PlanSpec, step: Step) -> Iterator[str]:
    if step.go_version_from is not None:
        yield from ("--go-version-from", step.go_version_from)
    prefix = _prefix(spec, step.commit_subject or "")
    if prefix:
        yield from ("--prefix", prefix)
    if step.commit_subject is not None:
        yield from ("--subject", step.commit_subject)


def _prefix(spec: PlanSpec, subject: str) -> str:
    """Return the prefix of the commit's subject; where patches are carried, the next release drops the commit."""
    prefixes = spec.config.carries.prefixes
    carries = any(_CARRIES.search(it.run or "") for it in spec.steps)
    is_tagged = any(subject.startswith(f"{it}:") for it in prefixes)
    return f"{prefixes[0]}: <drop>: " if carries and prefixes and not is_tagged else ""
