"""Upstream's tag is pushed to the downstream repository if the Plan says so."""

from pathlib import Path

from tests.git.builders import BRANCH, HOST, World
from tests.git.proposals import SYNC, attempt
from tests.git.repositories import git

ASKED = {"pushTag": True}


def body(world: World) -> str:
    return world.forge.pulls[-1].body


def test_the_tag_is_upstreams_own_object_and_git_describe_finds_it(world: World) -> None:
    attempt(world, config=ASKED).propose()

    down = world.downstream
    assert down.git("rev-parse", "v1.1.0") == world.upstream.git("rev-parse", "v1.1.0")
    assert down.git("cat-file", "-t", "v1.1.0") == "tag"
    assert down.git("describe", SYNC).startswith("v1.1.0-")
    assert "pushed as a tag" not in body(world)


def test_no_tag_is_pushed_unless_the_plan_says_so(world: World) -> None:
    attempt(world).propose()

    assert "v1.1.0" not in world.downstream.git("tag").split()


def test_another_tag_of_that_name_stays_and_is_reported(world: World) -> None:
    down = world.downstream
    down.tag("v1.1.0", down.tip(BRANCH) or "")
    before = down.git("rev-parse", "v1.1.0")

    result = attempt(world, config=ASKED).propose()

    assert result.pull_request is not None
    assert down.git("rev-parse", "v1.1.0") == before
    assert f"has another tag of that name, `{before[:12]}`, which stays as it is" in body(world)


def test_an_existing_tag_is_not_pushed_again(world: World) -> None:
    attempt(world, config=ASKED).propose()
    refuse_tags(world.downstream.path)

    attempt(world, config=ASKED, number=2).propose()

    assert "pushed as a tag" not in body(world)


def test_a_missing_permission_is_reported_with_what_to_grant_and_the_sync_goes_on(
    world: World,
) -> None:
    refuse_tags(world.downstream.path)

    result = attempt(world, config=ASKED).propose()

    assert result.pull_request == world.forge.pulls[0].url
    assert world.downstream.tip(SYNC) is not None
    assert "v1.1.0" not in world.downstream.git("tag").split()
    assert "**`v1.1.0` was not pushed as a tag.**" in body(world)
    assert "its rules must allow it for tags" in body(world)
    assert "tags are protected" in body(world)
    assert f"Let the Plan's credentials push tags to {HOST}/downstream/project" in body(world)


def test_the_tag_goes_to_the_downstream_even_if_branches_go_to_a_fork(world: World) -> None:
    fork = world.root / "bot" / "project"
    git(world.root, "clone", "-q", "--bare", str(world.downstream.path), str(fork))
    world.forge.repository = fork
    names = {"name": f"{HOST}/downstream/project", "branch": BRANCH}
    config = {**ASKED, "downstream": names | {"fork": f"{HOST}/bot/project"}}

    attempt(world, config=config).propose()

    assert "v1.1.0" not in git(fork, "tag").split()
    assert git(fork, "rev-parse", "--verify", SYNC)
    assert world.downstream.git("cat-file", "-t", "v1.1.0") == "tag"
    assert world.downstream.git("show", "v1.1.0:new/n.txt") == "n"


def refuse_tags(repository: Path) -> None:
    """Make a repository refuse every push of a tag, as a forge's rules do."""
    hook = repository / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        '#!/bin/sh\ncase "$1" in refs/tags/*) echo "tags are protected" >&2; exit 1;; esac\n'
    )
    hook.chmod(0o755)
