"""An open pull request is rebuilt when its base moves, and never over a person's work."""

from dataclasses import dataclass
from typing import Any

import pytest

from resync_argo.api.sync import SyncStatus
from resync_argo.forge.interface import PullRequest, PullRequestState
from tests.apiserver.lab import SECONDS, Lab
from tests.cluster.waiting import wait_for
from tests.git.repositories import Repository

pytestmark = pytest.mark.apiserver

FINAL = "resync/z-1/1.0.0"
RECORD = "refs/resync-argo/z-1/1.0.0"
FOREIGN = "ForeignCommit: The branch has a commit which resync-argo did not make."


@dataclass
class Story:
    """A release with an open pull request; the test pushes like the pod, and like people."""

    lab: Lab
    run: str
    pull: PullRequest

    @property
    def downstream(self) -> Repository:
        return Repository(self.lab.folder / "down/project")

    def push(self, text: str) -> None:
        """Push a merge as the pod does: the branch, and the record beside it."""
        commit = self.downstream.commit(FINAL, {"merged": text})
        self.downstream.git("update-ref", RECORD, commit)
        self.lab.forge.push(self.pull.number, commit)
        self.lab.forge.knows(self.pull.number, merges=True)

    def move_base(self) -> str:
        """Change the downstream branch as a person, so that the pull request no longer merges."""
        commit = self.downstream.commit("main", {"merged": "by hand"})
        self.lab.forge.knows(self.pull.number, merges=False)
        return commit

    def refreshed(self) -> str:
        """Wait until a run rebuilds the pull request, and return the run's name."""
        return self.lab.wait_for_run("1.0.0", other_than=self.run)

    def ends(self, run: str, exit_code: int = 0, message: str = "") -> None:
        self.lab.argo_ends(run, exit_code, message)

    def told(self, reason: str) -> SyncStatus:
        """Wait until the Sync in review gives a reason for not being up to date; "" for none."""

        def found() -> SyncStatus | None:
            reasons, sync = self.lab.reasons("1.0.0"), self.lab.sync("1.0.0")
            fits = reasons.get("UpToDate", "") == reason
            return sync if fits and sync is not None and sync.phase == "Finished" else None

        return wait_for(
            found,
            deadline_seconds=SECONDS,
            describe=lambda: (
                f"{reason or 'nothing'} to be reported; it is {self.lab.sync('1.0.0')}"
            ),
        )

    def says(self, words: str) -> None:
        """Wait for the Sync's message about its pull request's freshness."""

        def said() -> str:
            sync = self.lab.sync("1.0.0")
            return (sync.freshness.message or "") if sync and sync.freshness else ""

        wait_for(
            lambda: words in said(),
            deadline_seconds=SECONDS,
            describe=lambda: f"`{words}` to be reported; it is `{said()}`",
        )


def proposed(lab: Lab, **config: Any) -> Story:
    """Bring a release to its open pull request; call it while a controller runs."""
    lab.add_plan(**config)
    name = lab.wait_for_run("1.0.0")
    story = Story(lab, name, lab.forge.open(FINAL))
    story.push("first")
    lab.argo_ends(name, 0)
    lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
    return story


@pytest.fixture(autouse=True)
def quick(lab: Lab) -> None:
    """Allow a refresh one second after a run."""
    lab.limits["refresh_seconds"] = 1


def test_a_pull_request_that_no_longer_merges_is_rebuilt_on_the_new_base(lab: Lab) -> None:
    with lab.running():
        story = proposed(lab)
        tip = story.move_base()
        run = story.refreshed()
        under_way = lab.wait_until("1.0.0", "Running")
        story.push("again")
        story.ends(run)
        after = lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
        lab.forge.set_state(story.pull.number, PullRequestState.MERGED)
        merged = lab.wait_until("1.0.0", "Finished", "Merged")

    assert (under_way.pull_request, under_way.number) == (story.pull.url, story.pull.number)
    assert after.freshness is not None
    assert after.freshness.base == tip
    assert (merged.number, merged.freshness) == (story.pull.number, None)
    assert len(lab.workflows()) == 2
    assert len(lab.forge.pulls) == 1


def test_a_moved_base_is_enough_if_the_plan_says_so(lab: Lab) -> None:
    with lab.running():
        story = proposed(lab, refresh="BaseMoved")
        lab.forge.contained.add(story.downstream.tip("main") or "")
        story.downstream.commit("main", {"elsewhere": "by hand"})
        run = story.refreshed()

    assert run != story.run


def test_by_default_a_moved_base_is_not_enough(lab: Lab) -> None:
    with lab.running() as controller:
        story = proposed(lab)
        story.downstream.commit("main", {"elsewhere": "by hand"})
        looks = lab.forge.requests.count("get 1")
        wait_for(
            lambda: lab.forge.requests.count("get 1") > looks + 5,
            deadline_seconds=SECONDS,
            describe="some looks",
        )
        lab.wait_until_idle(controller)

    assert len(lab.workflows()) == 1


def test_a_base_that_keeps_moving_causes_no_storm_of_runs(lab: Lab) -> None:
    lab.limits["refresh_seconds"] = 3600
    with lab.running() as controller:
        story = proposed(lab)
        for number in range(3):
            story.downstream.commit("main", {"merged": f"by hand {number}"})
            lab.forge.knows(story.pull.number, merges=False)
            # A new tip of the pull request causes an immediate look.
            lab.forge.push(story.pull.number, f"{number:040x}")
            story.told("RefreshDue")
            story.says("it is made again at")
        lab.wait_until_idle(controller)

    assert len(lab.workflows()) == 1


def test_a_conflict_with_the_new_base_is_asked_and_the_answer_completes_the_refresh(
    lab: Lab,
) -> None:
    with lab.running():
        story = proposed(lab)
        story.move_base()
        run = story.refreshed()
        question = lab.forge.open("resync/z-1/conflicts/1.0.0/ab12/head", files=("merged",))
        lab.argo_suspends(run, "ab12")
        asking = lab.wait_until("1.0.0", "Conflict", "WaitingForResolution")
        lab.forge.set_state(question.number, PullRequestState.MERGED)
        lab.wait_until("1.0.0", "Running")
        story.push("resolved")
        lab.argo_ends(run, 0, attempt=2)
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")

    assert asking.number == story.pull.number
    assert asking.conflict is not None
    assert asking.conflict.number == question.number


@pytest.mark.parametrize(
    ("message", "reason"),
    [("StepFailed: Step `tidy` ended with 7.", "RefreshFailed"), (FOREIGN, "ForeignCommit")],
    ids=["a step", "a person's commit"],
)
def test_a_failed_refresh_leaves_the_pull_request_and_holds_up_no_merge(
    lab: Lab, message: str, reason: str
) -> None:
    lab.release("v1.0.1")
    with lab.running() as controller:
        story = proposed(lab)
        story.move_base()
        story.ends(story.refreshed(), 1, message)
        told = story.told(reason)
        if reason == "RefreshFailed":
            lab.wait_until_idle(controller)
            assert len(lab.workflows()) == 2, "the branch stands still"
        lab.forge.set_state(story.pull.number, PullRequestState.MERGED)
        lab.wait_until("1.0.0", "Finished", "Merged")
        lab.wait_until("1.0.1", "Running")

    assert (told.phase, told.reason, told.number) == ("Finished", "PullRequestOpen", 1)


def test_a_persons_commit_stays_and_is_reported_once(lab: Lab) -> None:
    lab.forge.writers = {"ann"}
    with lab.running() as controller:
        story = proposed(lab)
        theirs = story.downstream.commit(FINAL, {"fix": "by hand"})
        lab.forge.push(story.pull.number, theirs)
        story.move_base()
        story.told("ForeignCommit")
        lab.forge.say(story.pull.number, "ann", "/resync refresh")
        wait_for(
            lambda: (lab.sync("1.0.0") or SyncStatus()).refresh == 1,
            deadline_seconds=SECONDS,
            describe="the request to be heard",
        )
        lab.wait_until_idle(controller)
        said = [it for it in lab.forge.comments[story.pull.number] if it.author != "ann"]
        runs = len(lab.workflows())
        lab.forge.say(story.pull.number, "ann", "/resync rebuild")
        story.refreshed()

    assert runs == 1, "no pod is spent on it"
    assert [theirs[:12] in it.body for it in said] == [True]
    assert lab.forge.pulls[story.pull.number].state is PullRequestState.CLOSED, "rebuilt"
    assert f"delete {FINAL}" in lab.forge.requests


def test_a_held_pull_request_stays_until_people_release_it(lab: Lab) -> None:
    lab.forge.writers = {"ann"}
    with lab.running() as controller:
        story = proposed(lab)
        lab.forge.say(story.pull.number, "ann", "/resync hold")
        story.told("Held")
        story.move_base()
        lab.wait_until_idle(controller)
        held = len(lab.workflows())
        lab.forge.label(story.pull.number, "resync/hold")
        lab.forge.say(story.pull.number, "ann", "/resync unhold")
        story.says("label")
        lab.wait_until_idle(controller)
        labelled = len(lab.workflows())
        lab.forge.label(story.pull.number)
        story.refreshed()

    assert (held, labelled) == (1, 1)


def test_a_persons_request_refreshes_even_if_the_plan_never_does(lab: Lab) -> None:
    lab.forge.writers = {"ann"}
    with lab.running() as controller:
        story = proposed(lab, refresh="Never")
        story.move_base()
        lab.wait_until_idle(controller)
        before = len(lab.workflows())
        lab.forge.say(story.pull.number, "mallory", "/resync refresh")
        lab.forge.say(story.pull.number, "ann", "/resync refresh")
        run = story.refreshed()
        story.push("again")
        story.ends(run)
        after = lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
        lab.wait_until_idle(controller)

    assert before == 1
    assert after.refresh == 1
    assert len(lab.workflows()) == 2, "once"


def test_a_merge_during_a_refresh_counts_and_stops_the_run(lab: Lab) -> None:
    with lab.running():
        story = proposed(lab)
        story.move_base()
        run = story.refreshed()
        lab.argo_runs(run)
        lab.forge.set_state(story.pull.number, PullRequestState.MERGED)
        lab.wait_until("1.0.0", "Finished", "Merged")
        stopped = next(it for it in lab.workflows() if it["metadata"]["name"] == run)

    assert stopped["spec"]["shutdown"] == "Terminate"


def test_a_suspended_plan_refreshes_nothing(lab: Lab) -> None:
    with lab.running() as controller:
        story = proposed(lab)
        lab.add_plan(suspend=True)
        story.move_base()
        story.says("is suspended")
        lab.wait_until_idle(controller)
        runs = len(lab.workflows())
        lab.add_plan()
        story.refreshed()

    assert runs == 1


def test_a_refresh_survives_a_lost_pod_and_a_restart(lab: Lab) -> None:
    lab.limits["retry_seconds"] = 5
    with lab.running():
        story = proposed(lab)
        story.move_base()
        first = story.refreshed()
        lab.argo(first, {"phase": "Failed", "message": "pod deleted"})
        story.told("PodLost")
    with lab.running() as controller:
        second = wait_for(
            lambda: next(
                (
                    name
                    for it in lab.workflows()
                    if (name := it["metadata"]["name"]) not in (story.run, first)
                ),
                None,
            ),
            deadline_seconds=SECONDS,
            describe="another run",
        )
        story.push("again")
        story.ends(second)
        story.told("")
        lab.wait_until_idle(controller)
        before = lab.versions()
    with lab.running() as controller:
        lab.wait_until_idle(controller)

    assert lab.versions() == before
    assert len(lab.workflows()) == 3
