"""`resync-argo resolve` against the real forge: pushed to the pull request's head, and merged there."""

import pytest

from tests.forge.launcher import MAINTAINER
from tests.git.local.run.test_run_on_forge import Hosted, hosted
from tests.git.local_runs import BRANCH

__all__ = ["hosted"]

pytestmark = pytest.mark.forge


def test_the_pull_request_is_merged_and_the_run_goes_on(hosted: Hosted) -> None:
    downstream = hosted.laptop.world.downstream
    downstream.commit(BRANCH, {"VERSION": "1.0.0-downstream\n"}, message="Carry a version")
    url = hosted.forge.push_url(hosted.downstream, MAINTAINER)
    downstream.git("push", "-q", url, BRANCH)
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
