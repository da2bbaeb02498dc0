"""`resync-argo resolve` against the real forge: pushed to the pull request's head, and merged there."""

import pytest

from tests.forge.launcher import MAINTAINER
from tests.git.builders import HOST
from tests.git.local.run.test_run_on_forge import Hosted, hosted
from tests.git.local_runs import BRANCH

__all__ = ["hosted"]

pytestmark = pytest.mark.forge


def diverge(hosted: Hosted) -> str:
    """Let downstream change what the release changes; return the address that people push to."""
    downstream = hosted.laptop.world.downstream
    downstream.commit(BRANCH, {"VERSION": "1.0.0-downstream\n"}, message="Carry a version")
    url = hosted.forge.push_url(hosted.downstream, MAINTAINER)
    downstream.git("push", "-q", url, BRANCH)
    return url


def test_the_pull_request_is_merged_and_the_run_goes_on(hosted: Hosted) -> None:
    downstream, url = hosted.laptop.world.downstream, diverge(hosted)
    code, output, errors = hosted.run()
    assert code == 3, errors
    assert output.splitlines()[-1].strip().startswith("resync-argo resolve ")
    hosted.laptop.variables["GIT_EDITOR"] = "echo mine >"

    done = hosted.laptop.call("resolve", hosted.laptop.plan)

    assert done.returncode == 0, done.stdout + done.stderr
    repository = hosted.forge.as_user(MAINTAINER).get_repo(hosted.downstream)
    merged, final = sorted(repository.get_pulls(state="all"), key=lambda it: it.number)
    assert (merged.merged, final.state, final.base.ref) == (True, "open", BRANCH)
    downstream.git("fetch", "-q", url, final.head.ref)
    assert downstream.git("show", "FETCH_HEAD:VERSION") == "mine"
    assert list(hosted.laptop.root.glob("resync-*")) == []


def test_what_a_job_asked_is_merged_and_left_to_the_job(hosted: Hosted) -> None:
    diverge(hosted)
    hosted.laptop.variables |= {
        "GITHUB_TOKEN": hosted.forge.tokens[MAINTAINER],
        "GH_HOST": HOST,
        "GIT_EDITOR": "echo mine >",
    }
    assert hosted.laptop.call("sync", hosted.laptop.plan).returncode == 3

    done = hosted.laptop.call("resolve", hosted.laptop.plan)

    assert done.returncode == 0, done.stdout + done.stderr
    repository = hosted.forge.as_user(MAINTAINER).get_repo(hosted.downstream)
    (question,) = repository.get_pulls(state="all")
    assert question.merged
    assert hosted.laptop.call("sync", hosted.laptop.plan).returncode == 3
    final, _ = repository.get_pulls(state="all")
    assert (final.state, final.base.ref) == ("open", BRANCH)
