"""Counts what steps that regenerate files would have taken over. Pure."""

from collections.abc import Iterator, Sequence
from typing import get_args

from resync_argo.api.plan import Regenerate
from resync_argo.local.learn.lesson import ProposedStep
from resync_argo.local.learn.propose import ENOUGH
from resync_argo.local.learn.replay import Replayed


def propose_steps(replayed: Sequence[Replayed]) -> Iterator[ProposedStep]:
    """Yield steps that the Plan does not have and that people did by hand in at least two bumps."""
    for kind in get_args(Regenerate):
        files = [[it for it in one.files if it.remade == kind and it.is_asked] for one in replayed]
        bumps = sum(map(bool, files))
        beside = sum(kind in one.beside for one in replayed)
        if bumps >= ENOUGH or (bumps and beside >= ENOUGH):
            settled = sum(map(len, files))
            yield ProposedStep(regenerate=kind, settled=settled, bumps=bumps, beside=beside)
