"""The controller asks git in advance whether a release changes workflows."""

import pytest

from resync_argo.git import Remote
from resync_argo.upstream.workflows import changes_workflows
from tests.git.builders import World


def remote_of(world: World) -> Remote:
    return Remote(url=str(world.upstream.path))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".github/workflows/test.yaml": "on: push\n"}, True),
        ({".github/CODEOWNERS": "* @a\n", "workflows/x": "x\n"}, False),
    ],
    ids=["workflows", "beside them"],
)
def test_a_change_of_workflows_between_two_releases_is_found(
    world: World,
    files: dict[str, str],
    expected: bool,  # noqa: FBT001 - pytest passes parameters by name
) -> None:
    world.upstream.tag("v1.2.0", world.upstream.commit("main", files))

    found = changes_workflows(remote_of(world), "refs/tags/v1.1.0", "refs/tags/v1.2.0")

    assert found is expected


def test_without_an_earlier_release_all_workflows_are_new(world: World) -> None:
    remote = remote_of(world)
    assert not changes_workflows(remote, None, "refs/tags/v1.1.0")
    files: dict[str, str | bytes | None] = {".github/workflows/test.yaml": "on: push\n"}
    world.upstream.tag("v1.2.0", world.upstream.commit("main", files))

    assert changes_workflows(remote, None, "refs/tags/v1.2.0")
    assert not changes_workflows(remote, "refs/tags/v1.2.0", "refs/tags/v1.2.0")
