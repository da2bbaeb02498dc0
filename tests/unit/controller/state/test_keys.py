"""Keys in the queue have readable names."""

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.state.keys import (
    BranchKey,
    Key,
    PlanKey,
    SyncKey,
    TagKey,
    UpstreamKey,
    branch_key,
    namespace_of,
    shown,
    upstream_key,
)
from tests.unit.controller.builders import plan

KEYS = [
    (PlanKey(ObjectKey("forks", "z")), "Plan forks/z"),
    (TagKey(ObjectKey("forks", "p-1.0.0")), "Tag forks/p-1.0.0"),
    (SyncKey(ObjectKey("forks", "z.p-1.0.0")), "Sync forks/z.p-1.0.0"),
    (UpstreamKey("forks", "h/up/p", "secret"), "Upstream forks/h/up/p"),
    (BranchKey("forks", "h/down/p", "main"), "Branch forks/h/down/p main"),
]


@pytest.mark.parametrize(("key", "named"), KEYS)
def test_every_key_has_a_readable_name(key: Key, named: str) -> None:
    assert (shown(key), namespace_of(key)) == (named, "forks")


def test_plans_of_one_branch_take_turns_whatever_the_case_of_its_repository() -> None:
    written = {"name": "forge.test/Down/Project", "branch": "main"}

    assert branch_key(plan()) == branch_key(plan("other", downstream=written))


def test_a_token_is_not_sent_to_another_host() -> None:
    github = {"credentials": {"secretSelector": "github"}}
    elsewhere = {"name": "other.test/down/project", "branch": "main"}

    assert upstream_key(plan(github=github)).secret == "github"
    assert upstream_key(plan(github=github, downstream=elsewhere)).secret is None
