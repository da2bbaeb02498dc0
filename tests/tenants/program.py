"""The controller as a process of its own, with a forge in memory: `python -m tests.tenants.program`.

Arguments: a kubeconfig, a folder for what it writes, and the settings as JSON. It prints the port of
its metrics and health when it watches, and ends when its standard input closes.
"""

import sys
from pathlib import Path

from resync_argo.controller.build import build
from resync_argo.controller.kube.api import Kube
from resync_argo.controller.main import CONNECTIONS, Controller, collector_of, monitoring
from resync_argo.controller.serving.logs import log_to_standard_error
from resync_argo.controller.serving.web import Server
from resync_argo.forge.interface import PullRequestState
from resync_argo.settings import Settings
from tests.fakes import FakeForges

TALKATIVE = "forge.test/down/talkative"
"""Its pull request of 1.0.0 was closed, and ten thousand strangers commented on it."""

COMMENTS = 10_000


def _forges() -> FakeForges:
    forges = FakeForges()
    forge = forges.at(TALKATIVE)
    pull = forge.open("resync/z-1/1.0.0")
    forge.set_state(pull.number, PullRequestState.CLOSED)
    for number in range(COMMENTS):
        forge.say(pull.number, f"stranger-{number}", "/resync retry")
    return forges


def _main(kubeconfig: Path, folder: Path, settings: Settings) -> None:
    log_to_standard_error()
    kube = Kube.connect(connections=settings.workers + CONNECTIONS, kubeconfig=kubeconfig)
    controller = Controller(build(kube, settings, _forges().connect, folder))
    collector_of(controller).register()
    server = Server(monitoring(controller), "127.0.0.1:0")
    controller.watch()
    controller.work()
    print(server.port, flush=True)
    sys.stdin.read()
    controller.stop()
    server.close()


if __name__ == "__main__":
    _main(Path(sys.argv[1]), Path(sys.argv[2]), Settings.model_validate_json(sys.argv[3]))
