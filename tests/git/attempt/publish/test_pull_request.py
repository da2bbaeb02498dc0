"""The final pull request's text, and people's edits of it."""

import subprocess
from collections.abc import Sequence
from dataclasses import replace

import pytest

from resync_argo.attempt.publish.actions import run_action
from resync_argo.attempt.results import Result
from resync_argo.attempt.retrying import retrying
from resync_argo.contract import Outcome
from resync_argo.errors import Stalled, Transient
from resync_argo.forge.interface import RequestRefused
from tests.git.builders import BRANCH, HOST, World
from tests.git.fakes import MemoryForge
from tests.git.proposals import MERGE, SYNC, attempt
from tests.git.repositories import Repository
from tests.git.steps import pull_request_step


def test_names_the_merged_release(world: World) -> None:
    run = attempt(
        world,
        MERGE,
        "echo left >left.txt",
        body="See ${CHANGELOG}",
        config={"env": [{"name": "CHANGELOG", "value": "https://example.org/log"}]},
    )

    run.propose()

    body = world.forge.pulls[0].body
    assert body.startswith("See https://example.org/log\n")
    assert "`v1.1.0` for `release-1.0`, which contained `v1.0.0` before" in body
    assert "2 new upstream commits, 3 changed files" in body
    assert "- `left.txt`" in body
    assert "https://argo.test/workflows/default/run" in body


def test_an_edited_title_stays_and_the_body_is_kept_up_to_date(world: World) -> None:
    attempt(world).propose()
    world.forge.edit(1, title="My better title")

    attempt(world, MERGE, "git commit --allow-empty -qm x; echo y >y", number=2).propose()

    (kept,) = world.forge.pulls
    assert kept.title == "My better title"
    assert "`y`" in kept.body


def test_an_edited_body_stays(world: World) -> None:
    attempt(world).propose()
    edited = world.forge.pulls[0].body.replace("which contained", "WHICH CONTAINED")
    world.forge.edit(1, body=edited)

    attempt(world, MERGE, "echo y >y", number=2).propose()

    assert world.forge.pulls[0].body == edited


def test_a_closed_pull_request_is_followed_by_a_new_one(world: World) -> None:
    attempt(world).propose()
    world.forge.close_pull_request(1)

    attempt(world, number=2).propose()

    assert [pull.number for pull in world.forge.pulls] == [1, 2]


def test_labels_and_reviewers_are_asked_for_once(world: World) -> None:
    github = {
        "credentials": {"secretSelector": "s"},
        "labels": ["sync"],
        "reviewers": ["ada"],
        "teamReviewers": ["core"],
    }

    attempt(world, config={"github": github}).propose()

    assert world.forge.pulls[0].labels == ("sync",)
    assert world.forge.reviewers == {1: (("ada",), ("core",))}


class AwayForAMoment(MemoryForge):
    """Does not answer the first request for reviewers."""

    answers = False

    def request_reviewers(self, number: int, *, users: Sequence[str], teams: Sequence[str]) -> None:
        """See `Forge`."""
        if not self.answers:
            self.answers = True
            raise Transient("The forge is away.")
        super().request_reviewers(number, users=users, teams=teams)


def test_reviewers_are_asked_even_if_the_forge_was_away_for_a_moment(world: World) -> None:
    forge = AwayForAMoment(world.downstream.path)
    github = {"credentials": {"secretSelector": "s"}, "labels": ["sync"], "reviewers": ["ada"]}
    run = attempt(replace(world, forge=forge), config={"github": github})
    run.steps()
    patient = replace(run.attempt, retry_for_seconds=60.0)

    retrying(patient, lambda: run_action(patient, "create-pr", code_before=0))

    (opened,) = forge.pulls
    assert opened.labels == ("sync",)
    assert forge.reviewers == {1: (("ada",), ())}


class KnowsNobody(MemoryForge):
    """Refuses every reviewer, as GitHub refuses those who may not review."""

    def request_reviewers(self, number: int, *, users: Sequence[str], teams: Sequence[str]) -> None:
        """See `Forge`."""
        who = ", ".join(f"@{name}" for name in (*users, *teams))
        raise RequestRefused("RequestRefused", f"#{number}: {who} may not review.")


def test_a_reviewer_who_may_not_review_is_reported_and_fails_nothing(world: World) -> None:
    forge = KnowsNobody(world.downstream.path)
    github = {"credentials": {"secretSelector": "s"}, "labels": ["sync"], "reviewers": ["ada"]}

    attempt(replace(world, forge=forge), config={"github": github}).propose()

    (opened,), (told,) = forge.pulls, forge.comments[1]
    assert opened.labels == ("sync",)
    assert "`#1: @ada may not review.`" in told.body
    assert "correct `reviewers`" in told.body


def test_an_undefined_variable_fails_before_anything_is_pushed(world: World) -> None:
    run = attempt(world, title="Bug $BUGZILLA_ID: sync")
    run.steps()

    with pytest.raises(Stalled, match=r"\$BUGZILLA_ID") as caught:
        run.act("create-pr")

    assert caught.value.reason == "UndefinedVariable"
    assert world.downstream.tip(SYNC) is None


def test_without_a_commit_there_is_nothing_to_propose(world: World) -> None:
    run = attempt(world, "true")
    run.steps()

    with pytest.raises(Stalled) as caught:
        run.act("create-pr")

    assert caught.value.reason == "NothingToPropose"


def test_a_forced_sync_of_a_contained_release_says_so(world: World) -> None:
    attempt(world).propose()
    tip = world.downstream.tip(SYNC)
    world.downstream.git("update-ref", f"refs/heads/{BRANCH}", tip or "")
    run = world.attempt(MERGE, pull_request_step(), number=2, parameters={"force": True})

    result = run.propose()

    assert result.outcome is Outcome.ALREADY_SYNCED


def test_a_rebase_is_published_with_a_warning(world: World) -> None:
    attempt(world, "git rebase $UPSTREAM_REF").propose()

    assert "rewrote the history of `release-1.0`" in world.forge.pulls[0].body


def test_the_commands_for_a_rebase_land_it_unless_somebody_pushed_meanwhile(world: World) -> None:
    attempt(world, "git rebase $UPSTREAM_REF").propose()
    commands = world.forge.pulls[0].body.partition("```sh\n")[2].partition("```")[0]
    proposed = world.downstream.tip(SYNC)
    work = Repository(world.root / "person")
    work.git("config", f"url.file://{world.root}/.insteadOf", f"https://{HOST}/")

    def land() -> int:
        shell = ["sh", "-e", "-c", commands]
        return subprocess.run(shell, cwd=work.path, capture_output=True, check=False).returncode

    before = world.downstream.tip(BRANCH)
    pushed = world.downstream.commit(BRANCH, {"theirs.txt": "late\n"})
    assert land() != 0
    assert world.downstream.tip(BRANCH) == pushed

    world.downstream.git("update-ref", f"refs/heads/{BRANCH}", before or "")
    assert land() == 0
    assert world.downstream.tip(BRANCH) == proposed


def test_a_change_to_workflows_is_pointed_out(world: World) -> None:
    script = (
        "mkdir -p .github/workflows; echo x >.github/workflows/ci; git add -A; git commit -qm x"
    )

    attempt(world, MERGE, script).propose()

    assert "`.github/workflows`" in world.forge.pulls[0].body


def test_a_forged_list_of_uncommitted_files_is_only_text(world: World) -> None:
    run = attempt(world)
    run.steps()
    run.control.uncommitted.write_bytes(b"?? a`b\n<!-- x -->\0?? \xff\xfe\0?? cut off")

    result: Result = run.act("create-pr")

    assert result.outcome is Outcome.SYNCED
    assert "- `a'b?<!-- x -->`" in world.forge.pulls[0].body
    assert "cut off" not in world.forge.pulls[0].body


def test_the_next_pull_request_mentions_a_reverted_release(
    world: World,
) -> None:
    release = world.upstream.git("rev-parse", "v1.1.0^{commit}")
    world.downstream.git("fetch", "-q", str(world.upstream.path), f"{release}:refs/heads/tmp")
    head = world.downstream.tip(BRANCH) or ""
    merge = world.downstream.commit(BRANCH, {"m": "m"}, parents=(head, release))
    revert = world.downstream.commit(
        BRANCH, {"m": None}, message=f'Revert "Merge"\n\nThis reverts commit {merge}.'
    )
    world.upstream.git("update-ref", "refs/heads/next", release)
    world.upstream.tag("v1.2.0", world.upstream.commit("next", {"new-in-2": "2"}))

    world.attempt(MERGE, pull_request_step(), version="1.2.0").propose()

    body = world.forge.pulls[0].body
    assert f"**The branch reverted the merge of `v1.1.0`** in `{revert[:12]}`" in body
    assert f"`git revert {revert[:12]}`" in body
