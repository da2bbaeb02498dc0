"""A pull request asks about a version that nobody chose, and the step goes on with the answer."""

from pathlib import Path

import pytest

from tests.git.conflict_story import Story, make_story, show
from tests.git.go_proxy import code, make_proxy
from tests.git.repositories import git
from tests.git.steps import regenerate_step

MODULE = "example.com/c"
GO_MOD = "module example.com/m\n\ngo 1.21\n"
NEWEST = f"{GO_MOD}\nrequire {MODULE} v1.2.0\n"


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """A release whose code imports a module that neither side's go.mod requires."""
    story = make_story(
        tmp_path,
        ["git merge --no-edit $UPSTREAM_REF", regenerate_step("GoModules")],
        base={"go.mod": GO_MOD, "main.go": code("m")},
        downstream={"ours.go": code("m")},
        upstream={"theirs.go": code("m", MODULE)},
    )
    proxy = tmp_path / "go"
    story.variables = make_proxy(proxy, {MODULE: {f"v1.{minor}.0": {} for minor in range(3)}})
    return story


def test_people_see_what_the_tool_chose(story: Story) -> None:
    pull = story.conflict()

    assert "the tool in step `Make it again` met a conflict in one file" in pull.body
    assert (
        f"`go.mod`: `go mod tidy` chose what nobody wrote anywhere: `{MODULE} nothing → v1.2.0`."
        " Downstream's side is the file before that, upstream's the file after it." in pull.body
    )
    assert (
        "| `go.mod` | has a version that nobody chose; downstream has not changed it" in pull.body
    )
    assert story.repository.show(pull.head_branch, "go.mod") == GO_MOD.rstrip("\n")


@pytest.mark.parametrize("version", ["v1.2.0", "v1.0.0"])
def test_the_version_that_people_write_counts(story: Story, version: str) -> None:
    pull = story.conflict()
    answer = NEWEST.replace("v1.2.0", version)

    story.resolve(pull, {"go.mod": answer, "go.mod.resync-conflict": None})

    done = story.finish()
    assert show(done, "go.mod") == answer.rstrip("\n")
    assert f"{MODULE} {version} h1:" in show(done, "go.sum")
    assert git(done, "log", "-1", "--format=%s") == "Tidy Go modules"


def test_an_answer_that_tidying_changes_fails_and_says_what_to_do(story: Story) -> None:
    pull = story.conflict()
    story.resolve(pull, {"go.mod.resync-conflict": None})

    with pytest.raises(AssertionError, match=r"does not keep the go\.mod that people"):
        story.attempt()
