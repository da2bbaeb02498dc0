"""How a step waits for its turn: what its container runs first, and what Argo's executor knows of it.

The template has `dependencies` from each container to the one before it, for the controller draws the
graph by them. The executor in the pod would wait by them, too: it looks once a second at each container, calls each
that comes after a failure an error, and keeps trusted containers from saying that they have started. It reads
them from a variable of Argo's `init` container ("ARGO_TEMPLATE"), so the pod's patch gives that one the
same template with other ones: steps wait for the gate (attempt/steps/turns.py), our own containers for nothing.
"""

import json
from collections.abc import Iterable
from typing import Any

from resync_argo.contract import ATTEMPT_TEMPLATE, GATE, GO

WAIT_FOR_TURN = f"""\
pipe=${{0%/*}}/turn.$1
trap 'echo "skipped: the attempt ended before its turn"; exit 0' TERM
mkdir -p -- "${{0%/*}}" && mkfifo -- "$pipe" || exit 1
(trap '' TERM; exec cat -- "$pipe" >"$pipe.told") &
wait $!
read -r told <"$pipe.told"
[ "$told" = {GO} ] || {{ echo "skipped: $told"; exit 0; }}
trap - TERM
export RESYNC_IN_POD=yes
exec sh "$0" "$@"
"""
"""Runs as `sh -c`, $0 being the step wrapper and the rest its arguments. A shell that waits for a process of
its own can be ended meanwhile, and a step that never began is not a failure."""


def executor_template(steps: Iterable[str], ours: Iterable[str]) -> str:
    """Return the attempt as Argo's executor sees it, as JSON.

    Args:
        steps: containers that wait for the gate.
        ours: those that wait by themselves.
    """
    containers: list[dict[str, Any]] = [{"name": it, "dependencies": [GATE]} for it in steps]
    containers += [{"name": it} for it in ours]
    template = {
        "name": ATTEMPT_TEMPLATE,
        "archiveLocation": {"archiveLogs": False},
        "containerSet": {"containers": sorted(containers, key=lambda it: str(it["name"]))},
    }
    return json.dumps(template, sort_keys=True)
