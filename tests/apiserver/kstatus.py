"""Evaluates objects with kstatus, the library by which Flux and other programs wait for them."""

import json
import subprocess
from typing import Any

from tests.cluster.toolchain import binary


def kstatus(*objects: dict[str, Any]) -> list[str]:
    """Return `InProgress`, `Failed`, `Current` or `Terminating` for each object."""
    done = subprocess.run(
        [binary("kstatus")],
        input=json.dumps(objects),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [it["status"] for it in json.loads(done.stdout)]
