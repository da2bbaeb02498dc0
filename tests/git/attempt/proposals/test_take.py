"""A tool's output is proposed, and a person decides; with real git."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from resync_argo.forge.interface import CommitState, PullRequest
from tests.git.conflict_story import MERGE, Files, Story, make_story, show
from tests.git.repositories import git

BOTH = "1\ndown\nup\n3\n"
TOOLS = {
    "binary.bin": "echo text",
    "fails.txt": "echo proposed; exit 3",
    "good.txt": 'git merge-file -p --union "$DOWNSTREAM" "$BASE" "$UPSTREAM"',
    "hangs.txt": "echo proposed; sleep 1000",
    "large.txt": "head -c 2000000 /dev/zero | tr '\\0' x",
    "larger.txt": "yes",
    "linked.txt": 'ln -sf "$SECRET" "${BASE%base}out"',
    "marked.txt": 'git merge-file -p "$DOWNSTREAM" "$BASE" "$UPSTREAM" || :',
    "named.txt": 'printf "%s\\n" "$FILE"',
    "nothing.txt": 'cp "$UPSTREAM" "$FILE"',
    "sub/elsewhere.txt": 'echo evil >evil.txt; git add -A -f; git commit -qm Evil; cat "$UPSTREAM"',
}
PROPOSED = ("good.txt", "named.txt", "sub/elsewhere.txt")
REFUSED = {
    "fails.txt": "it ended with exit code 3",
    "hangs.txt": "it was stopped after 2 s",
    "large.txt": "what it printed is too large",
    "larger.txt": "what it printed is too large",
    "linked.txt": "what it left is not a file",
    "marked.txt": "it left conflict markers",
    "nothing.txt": "it printed nothing",
}


def side(middle: str) -> dict[str, str | bytes]:
    files: dict[str, str | bytes] = dict.fromkeys((*TOOLS, "asked.txt"), f"1\n{middle}3\n")
    return {**files, "binary.bin": f"\0{middle}".encode()}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A story that has reached its question."""

    story: Story
    pull: PullRequest

    def show(self, path: str) -> str:
        return self.story.repository.show(self.pull.head_branch, path)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    root = tmp_path_factory.mktemp("proposals")
    (root / "secret").write_text("a token\n")
    rules = [{"paths": [path], "propose": command} for path, command in TOOLS.items()]
    story = make_story(
        root / "world",
        MERGE,
        base=side("2\n"),
        downstream=side("down\n"),
        upstream=side("up\n"),
        config={"conflicts": rules},
    )
    story.variables = {"SECRET": str(root / "secret")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("resync_argo.attempt.proposals.ask.MOST_SECONDS", 2)
        return Asked(story=story, pull=story.conflict())


def first(text: str) -> str:
    return text.partition("\n")[0]


def rest(text: str) -> str:
    return text.partition("\n")[2]


def test_a_tools_output_replaces_the_markers_and_says_so(asked: Asked) -> None:
    text = asked.show("good.txt")

    assert rest(text) + "\n" == BOTH
    assert first(text).startswith("<<<<<<< proposal: proposed by git, decided by nobody")
    assert rest(asked.show("named.txt")) == "named.txt"
    assert "`good.txt` | both modified; **proposed by `git`: check it**" in asked.pull.body
    assert "**3 files below are proposed by a tool**" in asked.pull.body


@pytest.mark.parametrize(("path", "why"), REFUSED.items())
def test_without_a_valid_proposal_people_see_gits_markers_and_the_reason(
    asked: Asked, path: str, why: str
) -> None:
    assert first(asked.show(path)).startswith("1")
    assert "<<<<<<< downstream: " in asked.show(path)
    assert f"for `{path}`: the tool that the Plan names was asked, but {why}." in asked.pull.body


def test_files_without_a_rule_and_binary_files_are_as_without_tools(asked: Asked) -> None:
    assert "<<<<<<< downstream: " in asked.show("asked.txt")
    assert "binary" in asked.show("binary.bin.resync-conflict")


def test_a_tool_can_reach_nothing_else(asked: Asked) -> None:
    changed = asked.story.diff(asked.pull, "--name-only").split()

    assert set(changed) == {*TOOLS, "asked.txt", "binary.bin.resync-conflict"} - {"binary.bin"}
    everything = asked.story.repository.git("log", "-p", asked.pull.head_branch)
    assert "evil" not in everything
    assert "a token" not in everything


def test_the_commit_before_the_proposal_shows_the_markers(asked: Asked) -> None:
    shown = asked.story.repository.git("rev-parse", f"{asked.pull.head_branch}^")

    assert f"git checkout {shown} -- PATH" in asked.pull.body
    assert "<<<<<<< downstream: " in asked.story.repository.show(shown, "good.txt")


def test_a_proposal_counts_once_a_person_has_confirmed_it(tmp_path: Path) -> None:
    story = short_story(tmp_path)
    pull = story.conflict()
    assert story.world.forge.statuses[pull.head_commit].state is CommitState.FAILURE
    story.merge(pull)

    again = story.conflict()

    assert again.number != pull.number, "merged as it was, it is asked once more"
    assert "`good.txt` was left unresolved in" in again.body
    text = story.repository.show(again.head_branch, "good.txt")
    assert first(text).startswith("<<<<<<< proposal: ")
    story.resolve(again, {"good.txt": rest(text) + "\n"})
    clone = story.finish()
    assert show(clone, "good.txt") + "\n" == BOTH
    assert git(clone, "log", "--merges", "-1", "--format=%(trailers:key=Co-authored-by)")


def test_in_a_rebase_downstream_is_downstream_too(tmp_path: Path) -> None:
    story = short_story(tmp_path, 'cat "$DOWNSTREAM" "$UPSTREAM"', "git rebase -q $UPSTREAM_TAG")

    pull = story.conflict()

    assert rest(story.repository.show(pull.head_branch, "good.txt")) == "1\ndown\n3\n1\nup\n3"


def short_story(root: Path, command: str = TOOLS["good.txt"], script: str = MERGE[0]) -> Story:
    def files(middle: str) -> Files:
        return {"good.txt": f"1\n{middle}3\n"}

    rules = [{"paths": ["good.txt"], "propose": command}]
    return make_story(
        root / "world",
        [script],
        base=files("2\n"),
        downstream=files("down\n"),
        upstream=files("up\n"),
        config={"conflicts": rules},
    )
