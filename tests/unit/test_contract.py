"""Which steps are given the contents of the branch's own commits, for which a merge has no use."""

import pytest

from resync_argo.contract import reads_commits


@pytest.mark.parametrize(
    "script",
    [
        "git rebase --onto $UPSTREAM_TAG v1.20.0",
        "git cherry-pick a..b",
        "git format-patch -3 --stdout | git am -3",
        "git apply -3 carried/*.patch",
        "make rebase",
        "hack/update",
        "cd vendor && ./update",
        "sh hack/update.sh",
        "echo begin\n/opt/tools/sync",
    ],
)
def test_a_step_that_may_work_on_single_commits_gets_them(script: str) -> None:
    assert reads_commits(["git merge $UPSTREAM_TAG", script])


@pytest.mark.parametrize(
    "script",
    [
        "git merge $UPSTREAM_TAG",
        "make update\ngit add -A\ngit commit -m 'UPSTREAM: <drop>: make update'",
        "go mod tidy && go mod vendor",
        "sed -i 's/a/b/' go.mod",
        "curl --fail https://example.com/x",
    ],
)
def test_a_merge_and_what_tidies_after_it_need_none(script: str) -> None:
    assert not reads_commits([script])
