"""Lines of either side that a pull request leaves out are listed, however they were lost."""

from pathlib import Path

import pytest

from resync_argo.attempt.publish.losses import Loss, describe_losses
from tests.git.builders import BRANCH, World, make_world
from tests.git.steps import pull_request_step

RULE = [{"paths": ["a.txt"], "resolve": "Downstream"}]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return a world in which both sides changed one place, and upstream another."""
    world = make_world(tmp_path)
    world.downstream.commit(BRANCH, {"a.txt": "ours\n" + "one\n" * 19})
    release = world.upstream.commit(
        "main", {"a.txt": "theirs\n" + "one\n" * 19 + "more\nmuch more\n"}
    )
    world.upstream.tag("v1.1.0", release)
    return world


def body(world: World, script: str, **config: object) -> str:
    world.attempt(script, pull_request_step(), config=config).propose()
    return world.forge.pulls[-1].body


@pytest.mark.parametrize(
    ("script", "config", "row"),
    [
        ("git merge -Xtheirs $UPSTREAM_TAG", {}, "| `a.txt` | 0 | 1 |"),
        ("git merge -Xours $UPSTREAM_TAG", {}, "| `a.txt` | 1 | 0 |"),
        ("git merge $UPSTREAM_TAG", {"conflicts": RULE}, "| `a.txt` | 3 | 0 |"),
        ("git merge -s ours $UPSTREAM_TAG", {}, "| `a.txt` | 3 | 0 |"),
    ],
)
def test_lost_lines_are_listed(
    world: World, script: str, config: dict[str, object], row: str
) -> None:
    assert row in body(world, script, **config)


def test_a_clean_merge_leaves_nothing_out(tmp_path: Path) -> None:
    assert "leaves out" not in body(make_world(tmp_path), "git merge $UPSTREAM_TAG")


def test_trivial_lines_do_not_count(world: World) -> None:
    world.downstream.commit(BRANCH, {"a.txt": "one\n" * 20, "b.txt": "b\n}\n\n"})
    script = "git merge $UPSTREAM_TAG; git checkout v1.1.0 b.txt; git commit -m b"
    assert "leaves out" not in body(world, script)


def test_vendored_files_share_a_row_behind_the_others(world: World) -> None:
    made = {f"sub/vendor/x.test/{name}.go": "old\n" for name in "ab"}
    world.downstream.commit(BRANCH, {"sub/vendor/modules.txt": "# x.test v1\n", **made})
    release = world.upstream.commit("main", dict.fromkeys(made, "new\nnewer\n"))
    world.upstream.tag("v1.2.0", release)
    world.downstream.commit(BRANCH, {"vendor/by-hand.c": "ours\n"})
    script = "git merge -Xtheirs $UPSTREAM_TAG; git rm -q vendor/by-hand.c; git commit -m Drop"

    found = world.attempt(script, pull_request_step(), version="1.2.0").propose()

    assert found is not None
    rows = [it for it in world.forge.pulls[-1].body.splitlines() if it.startswith("| `")]
    assert rows == [
        "| `a.txt` | 0 | 1 |",
        "| `vendor/by-hand.c` | 0 | 1 |",
        "| `sub/vendor/`, 2 files that `go mod vendor` makes | 0 | 2 |",
    ]


def test_any_number_of_files_fits() -> None:
    losses = [Loss(path=b"x" * 100, upstream=1, downstream=0) for _ in range(900)]
    text = describe_losses(losses)
    assert len(text) < 4_000
    assert "more files." in text
    assert describe_losses(None).startswith("**Too large to compare:**")
