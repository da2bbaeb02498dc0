"""How an attempt reads its environment, and how it reaches each repository."""

from pathlib import Path

import pytest

from resync_argo.attempt.context import Parameters, ReplayInput
from resync_argo.errors import ResyncError, Stalled
from resync_argo.git import Remote
from resync_argo.settings import HostSettings
from tests.git.fakes import MemoryForge
from tests.unit.attempt.attempts import TOKEN, attempt

REPLAY = ReplayInput(head="a" * 40, tag="v1.0", tag_commit="b" * 40, version="1.0", date=0)


@pytest.mark.parametrize("force", ["True", "true"])
def test_the_environment_identifies_the_run(force: str) -> None:
    given = {
        "RESYNC_TAG": "1.2.0",
        "RESYNC_REF": "refs/tags/v1.2.0",
        "RESYNC_COMMIT": "c" * 40,
        "RESYNC_FORCE": force,
        "RESYNC_ATTEMPT": "3",
        "RESYNC_WORKFLOW": "run-x",
        "RESYNC_OWNER": "team",
        "RESYNC_VALUES": '{"JIRA":"A-1"}',
    }

    assert Parameters.from_environment(given) == Parameters(
        tag="1.2.0",
        ref="refs/tags/v1.2.0",
        commit="c" * 40,
        force=True,
        attempt=3,
        workflow="run-x",
        owner="team",
        values={"JIRA": "A-1"},
    )


def test_a_run_that_a_person_submitted_has_only_a_version() -> None:
    run = Parameters.from_environment({"RESYNC_TAG": "1.2.0", "RESYNC_REF": ""})

    assert run == Parameters(tag="1.2.0")
    assert (run.ref, run.commit, run.force, run.attempt) == (None, None, False, 1)


def test_values_that_a_person_submits_in_another_form_are_refused() -> None:
    with pytest.raises(Stalled, match="`values` must be a JSON object"):
        Parameters.from_environment({"RESYNC_TAG": "1.2.0", "RESYNC_VALUES": "JIRA=A-1"})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "has no version"),
        ({"RESYNC_TAG": "1.2.0", "RESYNC_ATTEMPT": "-1"}, "RESYNC_ATTEMPT is '-1'"),
        ({"RESYNC_TAG": "1.2.0", "RESYNC_ATTEMPT": "two"}, "RESYNC_ATTEMPT is 'two'"),
    ],
)
def test_a_run_without_a_version_or_a_number_is_refused(given: dict[str, str], told: str) -> None:
    with pytest.raises(Stalled, match=told) as caught:
        Parameters.from_environment(given)

    assert caught.value.reason == "InvalidParameter"


def test_each_repository_is_reached_on_its_host_and_the_token_is_for_one_of_them(
    tmp_path: Path,
) -> None:
    made = attempt(tmp_path)

    assert made.upstream == Remote(url="https://up.test/up/project", may_redirect=True)
    token = TOKEN.with_name("down.test-down-project")
    assert made.downstream == Remote(url="https://down.test/down/project", token_file=token)
    assert made.push == made.downstream


def test_upstream_on_the_downstreams_host_is_read_with_a_token_for_it(tmp_path: Path) -> None:
    made = attempt(tmp_path, upstream="down.test/up/project")

    assert made.upstream.token_file == TOKEN.with_name("down.test-up-project")


def test_a_fork_is_pushed_to_with_its_own_token(tmp_path: Path) -> None:
    made = attempt(tmp_path, fork="down.test/bot/project")

    token = TOKEN.with_name("down.test-bot-project")
    assert made.push == Remote(url="https://down.test/bot/project", token_file=token)
    assert made.downstream.url == "https://down.test/down/project"


def test_a_host_setting_gives_the_address_and_the_certificate(tmp_path: Path) -> None:
    hosts = {
        "down.test": HostSettings(git_url="https://git.down.test/", ca_file="/ca.pem"),
        "up.test": HostSettings(api_url="https://api.up.test"),
    }

    made = attempt(tmp_path, hosts=hosts)

    assert made.downstream.url == "https://git.down.test/down/project"
    assert str(made.downstream.ca_file) == "/ca.pem"
    assert made.upstream.url == "https://up.test/up/project"
    assert made.upstream.ca_file is None


def test_a_repository_at_another_address_gets_no_token(tmp_path: Path) -> None:
    made = attempt(tmp_path, addresses={"down.test/down/project": "file:///home/ada/project"})

    assert made.downstream == Remote(url="file:///home/ada/project")


def test_conflict_pull_requests_go_to_the_fork_if_it_has_its_own_forge(tmp_path: Path) -> None:
    fork = MemoryForge(tmp_path / "fork")

    assert attempt(tmp_path, connect_conflict_forge=lambda: fork).conflict_forge is fork
    alone = attempt(tmp_path)
    assert alone.conflict_forge is alone.forge


def test_the_other_containers_see_the_result_of_checkout(tmp_path: Path) -> None:
    seen = REPLAY.model_copy(update={"rounds": 2, "merge_bases": ("c" * 40,)})
    attempt(tmp_path).save(seen)

    assert attempt(tmp_path).replay_input() == seen


def test_a_replay_begins_without_a_round(tmp_path: Path) -> None:
    attempt(tmp_path).save(REPLAY)

    assert attempt(tmp_path).replay_input().rounds == 0


def test_a_missing_checkout_is_explained_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ResyncError, match="Checkout did not finish"):
        attempt(tmp_path).replay_input()
