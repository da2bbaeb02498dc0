"""How a step waits for its turn: what its container runs first, and what Argo's executor sees.

In the template, each container has `dependencies` on the one before it, since Argo's controller
draws the graph from them. The executor in the pod would wait for them, too: it polls each container
once a second, reports each one after a failure as an error, and keeps trusted containers from
signalling that they have started. It reads them from a variable of Argo's `init` container
("ARGO_TEMPLATE"). So the pod's patch gives that container the same template with other
dependencies: steps wait for the gate (attempt/steps/turns.py), our own containers for nothing.
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
"""Runs as `sh -c`: $0 is the step wrapper, the rest are its arguments. A shell that waits for a
child can be terminated meanwhile, and a step that never began is not a failure."""


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
