"""The controller as a separate process, with a forge in memory: `python -m tests.tenants.program`.

Arguments: a kubeconfig, a folder for what it writes, the settings as JSON, and the open conflict pull
requests as a JSON list of `Question`. It prints the port of its metrics and health when it watches, and
ends when its standard input closes. The folder's file `statuses` gets a line for each commit status.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from resync_argo.controller.build import build
from resync_argo.controller.kube.api import Kube
from resync_argo.controller.main import CONNECTIONS, Controller, collector_of, monitoring
from resync_argo.controller.serving.logs import log_to_standard_error
from resync_argo.controller.serving.web import Server
from resync_argo.forge.interface import CommitStatus, PullRequestState
from resync_argo.settings import Settings
from tests.fakes import FakeForge, FakeForges
from tests.tenants.question import Question

TALKATIVE = "forge.test/down/talkative"
"""Its pull request of 1.0.0 was closed, and ten thousand strangers commented on it."""

COMMENTS = 10_000


class _TellingForge(FakeForge):
    """Writes commit statuses to a file."""

    file: Path

    def set_commit_status(self, commit: str, status: CommitStatus) -> None:
        """See `Forge`."""
        super().set_commit_status(commit, status)
        with self.file.open("a") as file:
            file.write(f"{self.repository} {status.description}\n")


def _forges(folder: Path, questions: Sequence[Question]) -> FakeForges:
    forges = FakeForges()
    for question in questions:
        asked = _TellingForge(repository=question.repository)
        asked.file = folder / "statuses"
        pull = asked.open(question.head, base=question.base, files=("f.txt",))
        asked.push(pull.number, question.commit)
        forges.made[question.repository] = asked
    forge = forges.at(TALKATIVE)
    pull = forge.open("resync/z-1/1.0.0")
    forge.set_state(pull.number, PullRequestState.CLOSED)
    for number in range(COMMENTS):
        forge.say(pull.number, f"stranger-{number}", "/resync retry")
    return forges


def _main(
    kubeconfig: Path, folder: Path, settings: Settings, questions: Sequence[Question]
) -> None:
    log_to_standard_error()
    kube = Kube.connect(connections=settings.workers + CONNECTIONS, kubeconfig=kubeconfig)
    controller = Controller(build(kube, settings, _forges(folder, questions).connect, folder))
    collector_of(controller).register()
    server = Server(monitoring(controller), "127.0.0.1:0")
    controller.watch()
    controller.work()
    print(server.port, flush=True)
    sys.stdin.read()
    controller.stop()
    server.close()


if __name__ == "__main__":
    _main(
        Path(sys.argv[1]),
        Path(sys.argv[2]),
        Settings.model_validate_json(sys.argv[3]),
        [Question(**it) for it in json.loads(sys.argv[4])],
    )
