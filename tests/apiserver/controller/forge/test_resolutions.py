"""The status `resync/resolution` on real conflict branches: each push is judged once."""

import shutil
from pathlib import Path

import pytest

from resync_argo.conflicts.resolution import STATUS_CONTEXT
from resync_argo.forge.interface import CommitState, CommitStatus, PullRequest, PullRequestState
from tests.apiserver.lab import DOWNSTREAM, UPSTREAM, Lab
from tests.cluster.waiting import wait_for
from tests.fakes import FakeForge
from tests.git.conflict_story import Story, make_story

pytestmark = pytest.mark.apiserver

FORK = "forge.test/bot/project"
RESOLVED = {"f.txt": "1\nboth\n3\n"}


class Scene:
    """A Plan whose run is suspended at a conflict that has real branches."""

    def __init__(self, lab: Lab, repository: str) -> None:
        self.lab = lab
        self.story = story_at(lab.folder / "story")
        self.published = self.story.conflict()
        self.place(repository, self.story.repository.path)
        self.forge: FakeForge = lab.forges.at(repository)
        lab.release("v1.1.0")
        fork = {"fork": repository} if repository != DOWNSTREAM else {}
        lab.add_plan(
            "z-release",
            upstream={"name": UPSTREAM, "matchedVersions": ["1.1.0"]},
            downstream={"name": DOWNSTREAM, "branch": "release-1.0", **fork},
        )

    def place(self, repository: str, path: Path) -> None:
        """Make a repository available on the lab's host."""
        link = self.lab.folder / repository.removeprefix("forge.test/")
        link.parent.mkdir(exist_ok=True)
        shutil.rmtree(link, ignore_errors=True)
        link.symlink_to(path)

    def suspend(self) -> PullRequest:
        """Let the run meet the conflict; return its pull request."""
        started = self.lab.wait_until("1.1.0", "Running", plan="z-release")
        pull = self.forge.open(
            self.published.head_branch, base=self.published.base_branch, files=("f.txt",)
        )
        self.forge.push(pull.number, self.tip())
        assert started.workflow
        self.lab.argo_suspends(started.workflow, self.published.head_branch.split("/")[-2])
        self.lab.wait_until("1.1.0", "Conflict", "WaitingForResolution", plan="z-release")
        return self.forge.pulls[pull.number]

    def tip(self) -> str:
        """Return the head branch's commit."""
        tip = self.story.repository.tip(self.published.head_branch)
        assert tip is not None
        return tip

    def status(self, commit: str) -> CommitStatus:
        """Wait for the status of a commit."""
        return wait_for(
            lambda: self.forge.statuses.get(commit),
            deadline_seconds=20,
            describe=lambda: f"a status; {self.lab.syncs()}",
        )


def story_at(root: Path) -> Story:
    return make_story(
        root,
        ["git merge $UPSTREAM_TAG"],
        base={"f.txt": "1\n2\n3\n"},
        downstream={"f.txt": "1\nours\n3\n"},
        upstream={"f.txt": "1\ntheirs\n3\n"},
    )


@pytest.mark.parametrize("repository", [DOWNSTREAM, FORK], ids=["downstream", "fork"])
def test_the_status_is_red_until_a_push_resolves_the_conflict(lab: Lab, repository: str) -> None:
    scene = Scene(lab, repository)
    with lab.running():
        pull = scene.suspend()
        red = scene.status(pull.head_commit)
        scene.story.push(scene.published, RESOLVED)
        scene.forge.push(pull.number, scene.tip())
        green = scene.status(scene.tip())

    assert (red.context, red.state) == (STATUS_CONTEXT, CommitState.FAILURE)
    assert red.description.startswith("1 file still has")
    assert (green.context, green.state) == (STATUS_CONTEXT, CommitState.SUCCESS)
    assert pull.head_commit != scene.tip()


def test_the_status_links_the_waiting_run(lab: Lab) -> None:
    lab.argo_ui_url = "https://argo.test/"
    scene = Scene(lab, DOWNSTREAM)
    with lab.running():
        pull = scene.suspend()
        status = scene.status(pull.head_commit)
        (run,) = lab.workflows()

    name = run["metadata"]["name"]
    assert status.url == f"https://argo.test/workflows/{lab.namespace}/{name}"


def test_an_unchanged_head_is_judged_once(lab: Lab) -> None:
    scene = Scene(lab, DOWNSTREAM)
    with lab.running() as controller:
        pull = scene.suspend()
        scene.status(pull.head_commit)
        polled = scene.forge.requests.count(f"get {pull.number}")
        wait_for(
            lambda: scene.forge.requests.count(f"get {pull.number}") > polled + 2,
            deadline_seconds=20,
            describe="some polls",
        )
        lab.wait_until_idle(controller)

    assert scene.forge.requests.count(f"status {pull.head_commit}") == 1


def test_a_commit_that_git_does_not_show_yet_is_judged_later(lab: Lab) -> None:
    scene = Scene(lab, DOWNSTREAM)
    with lab.running():
        pull = scene.suspend()
        scene.status(pull.head_commit)
        scene.forge.push(pull.number, "f" * 40)
        trouble = wait_for(
            lambda: reasons(lab).get("ForgeReachable"),
            deadline_seconds=20,
            describe="the trouble to be reported",
        )
        scene.story.push(scene.published, RESOLVED)
        scene.forge.push(pull.number, scene.tip())
        green = scene.status(scene.tip())
        wait_for(
            lambda: "ForgeReachable" not in reasons(lab),
            deadline_seconds=20,
            describe="the trouble to be over",
        )

    assert trouble == "Unreachable"
    assert green.state is CommitState.SUCCESS
    assert "f" * 40 not in scene.forge.statuses


def test_a_rewritten_base_branch_is_an_error_that_says_so(lab: Lab) -> None:
    scene = Scene(lab, DOWNSTREAM)
    base = f"refs/heads/{scene.published.base_branch}"
    scene.story.repository.git("update-ref", base, "release-1.0")
    with lab.running():
        status = scene.status(scene.suspend().head_commit)

    assert status.state is CommitState.ERROR
    assert "rewritten" in status.description


def test_a_failed_judgement_does_not_delay_a_merged_conflict(lab: Lab) -> None:
    scene = Scene(lab, DOWNSTREAM)
    with lab.running():
        pull = scene.suspend()
        scene.forge.push(pull.number, "f" * 40)
        scene.forge.set_state(pull.number, PullRequestState.MERGED)
        lab.wait_until("1.1.0", "Running", plan="z-release")


def reasons(lab: Lab) -> dict[str, str]:
    return lab.reasons("1.1.0", "z-release")
