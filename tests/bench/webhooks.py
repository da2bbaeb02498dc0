"""Measures the effect of a flood of forged webhooks on a genuine one, on a real API server.

    python -m tests.bench.webhooks

A delivery like GitHub's resumes a suspended Workflow, first in peace and then while another process
sends forged ones. Controller, API server and flood share the machine. Pull requests are polled only
once an hour, so nothing else notices the merge. There is no Argo: the lab writes the Workflow's
status.

The cost of a forged body of the largest size is measured separately, with one team and with a
thousand.
"""

import json
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from resync_argo.controller.main import webhooks
from resync_argo.controller.serving.web import Server
from resync_argo.controller.serving.webhooks import COMMON_PATH
from resync_argo.forge.interface import PullRequestState
from tests.apiserver.conftest import install_kinds
from tests.apiserver.lab import Lab
from tests.cluster.apiserver import start_apiserver
from tests.cluster.kubectl import Kubectl
from tests.cluster.waiting import wait_for
from tests.world.deliveries import deliver
from tests.world.flood import Flood, flood
from tests.world.teams import LARGE, Teams

RATE = 1000
TEAMS = 1000
DELIVERIES = 50
OWN_PATH = "/webhooks/team-0/github"
KEY = "key-of-a-bench"
BRANCH = "resync/z-1/conflicts/1.0.0/ab12/head"
NEWS = {"repository": {"full_name": "down/project"}, "pull_request": {"number": 1}}


def measure() -> dict[str, float]:
    """Return seconds from a delivery to the resume, without and with the flood, and the flood's rate."""
    with tempfile.TemporaryDirectory(prefix="resync-bench-") as name:
        folder = Path(name)
        server = start_apiserver(folder / "apiserver")
        try:
            install_kinds(server)
            peace, _ = _resume(_lab(server.kubeconfig, folder, "peace"), rate=0)
            flooded, sent = _resume(_lab(server.kubeconfig, folder, "flooded"), rate=RATE)
        finally:
            server.stop()
    own, common = (_milliseconds(TEAMS, path) for path in (OWN_PATH, COMMON_PATH))
    return {
        "forged_mib_milliseconds": round(own, 2),
        "forged_mib_ratio_of_thousand_teams": round(own / _milliseconds(1, OWN_PATH), 2),
        "forged_mib_on_common_path_milliseconds": round(common, 2),
        "peaceful_resume_seconds": round(peace, 2),
        "flooded_resume_seconds": round(flooded, 2),
        "forged_per_second": round(sent.per_second) if sent else 0,
    }


def _milliseconds(teams: int, path: str) -> float:
    """Return the processor time in milliseconds that a forged delivery of the largest size takes."""
    installation = Teams()
    for number in range(teams):
        installation.add(f"team-{number}", f"key-{number}", made=number)
    body = LARGE.encode()
    installation.deliver("guessed", path)
    began = time.process_time()
    for _ in range(DELIVERIES):
        installation.send(body, f"sha256={'0' * 64}", path)
    return (time.process_time() - began) / DELIVERIES * 1000


def _lab(kubeconfig: Path, folder: Path, namespace: str) -> Lab:
    Kubectl(kubeconfig=kubeconfig).run("create", "namespace", namespace)
    (folder / namespace).mkdir()
    lab = Lab(kubeconfig=kubeconfig, namespace=namespace, folder=folder / namespace)
    lab.poll_seconds = 3600.0
    lab.release("v1.0.0")
    lab.make_repository("down/project")
    lab.add_secret(token="token-of-a-bench", webhookSecret=KEY)
    lab.add_plan()
    return lab


def _resume(lab: Lab, *, rate: int) -> tuple[float, Flood | None]:
    with ExitStack() as stack:
        controller = stack.enter_context(lab.running())
        server = Server(webhooks(controller), "127.0.0.1:0")
        stack.callback(server.close)
        name = lab.wait_for_run("1.0.0")
        pull = lab.forge.open(BRANCH, files=("go.mod",))
        node = lab.argo_suspends(name, "ab12")
        lab.wait_until("1.0.0", "Conflict", "WaitingForResolution")
        sent = stack.enter_context(flood(server.port, rate)) if rate else None
        time.sleep(2.0 if rate else 0.0)  # until the whole flood is there
        lab.forge.set_state(pull.number, PullRequestState.MERGED)
        begun = time.monotonic()
        deliver(f"http://127.0.0.1:{server.port}", NEWS, key=KEY)
        wait_for(
            lambda: lab.workflows()[0]["status"]["nodes"][node]["phase"] == "Succeeded",
            deadline_seconds=60,
            describe="the Workflow to be resumed",
        )
        seconds = time.monotonic() - begun
        if sent:
            sent.end()
        return seconds, sent


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
