"""A Plan reports whether its pull requests can be merged with a merge commit."""

from dataclasses import replace

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.forge.access import ForgeAccess
from resync_argo.controller.plan.merge_methods import look_at_merges
from tests.fakes import GRANTED, FakeForge

SECRET = ObjectKey("ns", "github")
ACCESS = ForgeAccess(
    downstream="forge.test/down/project",
    fork=None,
    branch="release",
    secret=SECRET,
    fork_secret=SECRET,
)


@pytest.mark.parametrize(
    ("merge_commits", "linear", "status", "reason"),
    [
        (True, False, "True", "MergeCommitsPossible"),
        (False, False, "False", "MergeCommitsDisabled"),
        (True, True, "False", "LinearHistoryRequired"),
        (None, True, "False", "LinearHistoryRequired"),
        (True, None, "Unknown", "MergeMethodsNotTold"),
        (None, False, "Unknown", "MergeMethodsNotTold"),
    ],
)
def test_settings_and_rules_decide_together(
    merge_commits: bool | None,  # noqa: FBT001  pytest passes parameters by name
    linear: bool | None,  # noqa: FBT001  pytest passes parameters by name
    status: str,
    reason: str,
) -> None:
    forge = FakeForge(linear=linear)

    found = look_at_merges(forge, ACCESS, replace(GRANTED, merge_commits=merge_commits))

    assert (found.status, found.reason) == (status, reason)
    assert "release" in found.message or "forge.test/down/project" in found.message
    if status == "False":
        assert "a merge by hand meets the same conflicts again" in found.message


def test_rules_are_not_read_if_the_settings_decide() -> None:
    forge = FakeForge()

    look_at_merges(forge, ACCESS, replace(GRANTED, merge_commits=False))

    assert forge.requests == []
