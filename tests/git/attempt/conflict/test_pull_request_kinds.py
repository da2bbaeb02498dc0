"""Every kind of conflict, from git's own merge to the pull request's diff and back into the merge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from resync_argo.attempt.conflict.answers import load_resolutions
from resync_argo.conflicts.record import Kind
from tests.git.clones import Moded
from tests.git.conflict_story import (
    Content,
    Story,
    entries,
    history_has_markers,
    make_story,
    show,
)
from tests.git.repositories import git

LINES = "".join(f"line {number}\n" for number in range(1, 9))
ONE, TWO, THREE = "1" * 40, "2" * 40, "3" * 40


@dataclass(frozen=True, kw_only=True)
class Case:
    """Both sides' changes, the pull request's content, and a person's resolution."""

    base: Mapping[str, Content]
    downstream: Mapping[str, Content]
    upstream: Mapping[str, Content]
    kinds: Mapping[str, Kind]
    shown: tuple[str, ...]
    resolution: Mapping[str, Content]
    result: Mapping[str, str | None] = field(default_factory=dict)


def edited(name: str, resolution: str, **sides: Content) -> Case:
    """Return a case with one file that both sides edited."""
    return Case(
        base={name: sides["base"]},
        downstream={name: sides["downstream"]},
        upstream={name: sides["upstream"]},
        kinds={name: Kind.BOTH_MODIFIED},
        shown=(name,),
        resolution={name: resolution},
        result={name: resolution},
    )


SIDES: Mapping[str, Content] = {"base": "1\n2\n", "downstream": "1\nd\n", "upstream": "1\nu\n"}
LEGIT = "<<<<<<< HEAD\nan example\n=======\nof markers\n>>>>>>> other\n"

CASES = {
    "both modified": edited("f.txt", "1\nboth\n", **SIDES),
    "CRLF": edited(
        "dos.txt",
        "1\r\nboth\r\n",
        base="1\r\n2\r\n",
        downstream="1\r\nd\r\n",
        upstream="1\r\nu\r\n",
    ),
    "spaces": edited("a file  with spaces ", "both\n", **SIDES),
    "quotes": edited('it\'s "quoted" \\ and $(echo) `x`', "both\n", **SIDES),
    "a newline": edited("two\nlines", "both\n", **SIDES),
    "non-UTF-8": edited("latin-\udce9\udcff", "both\n", **SIDES),
    "a leading dash": edited("-rf", "both\n", **SIDES),
    "glob characters": edited("[a-z]*?", "both\n", **SIDES),
    "legitimate marker lines": edited(
        "guide.md",
        f"{LEGIT}both\n",
        base=f"{LEGIT}2\n",
        downstream=f"{LEGIT}d\n",
        upstream=f"{LEGIT}u\n",
    ),
    "both added": Case(
        base={},
        downstream={"new": "d\n"},
        upstream={"new": "u\n"},
        kinds={"new": Kind.BOTH_ADDED},
        shown=("new",),
        resolution={"new": "both\n"},
        result={"new": "both\n"},
    ),
    "deleted downstream": Case(
        base={"f": LINES},
        downstream={"f": None},
        upstream={"f": f"{LINES}more\n"},
        kinds={"f": Kind.DELETED_DOWNSTREAM},
        shown=("f.resync-conflict",),
        resolution={"f.resync-conflict": None},
        result={"f": None},
    ),
    "deleted upstream": Case(
        base={"f": LINES},
        downstream={"f": f"{LINES}more\n"},
        upstream={"f": None},
        kinds={"f": Kind.DELETED_UPSTREAM},
        shown=("f.resync-conflict",),
        resolution={"f.resync-conflict": None, "f": None},
        result={"f": None},
    ),
    "renamed on both sides": Case(
        base={"old": LINES},
        downstream={"old": None, "down": LINES},
        upstream={"old": None, "up": LINES},
        kinds={"down": Kind.RENAME_RENAME},
        shown=("down.resync-conflict",),
        resolution={"down.resync-conflict": None},
        result={"down": LINES, "old": None, "up": None},
    ),
    "renamed and deleted": Case(
        base={"old": LINES},
        downstream={"old": None},
        upstream={"old": None, "up": LINES},
        kinds={"up": Kind.RENAME_DELETE},
        shown=("up.resync-conflict",),
        resolution={"up.resync-conflict": None, "up": "taken\n"},
        result={"up": "taken\n", "old": None},
    ),
    "moved directory": Case(
        base={"dir/a": LINES, "dir/b": f"{LINES}b\n"},
        downstream={
            "dir/a": None,
            "dir/b": None,
            "moved/a": LINES,
            "moved/b": f"{LINES}b\n",
        },
        upstream={"dir/new": "new\n"},
        kinds={"moved/new": Kind.MOVED},
        shown=("moved/new.resync-conflict",),
        resolution={"moved/new.resync-conflict": None, "moved/new": "new\n"},
        result={"moved/new": "new\n", "dir/new": None},
    ),
    "moved into a moved directory": Case(
        base={"dir/a": LINES, "dir/b": f"{LINES}b\n", "x": f"{LINES}{LINES}"},
        downstream={
            "dir/a": None,
            "dir/b": None,
            "moved/a": LINES,
            "moved/b": f"{LINES}b\n",
            "x": f"own\n{LINES}{LINES}",
        },
        upstream={"x": None, "dir/x": f"their\n{LINES}{LINES}"},
        kinds={"moved/x": Kind.MOVED},
        shown=("moved/x", "x"),
        resolution={"moved/x": f"both\n{LINES}{LINES}"},
        result={"moved/x": f"both\n{LINES}{LINES}", "x": None, "dir/x": None},
    ),
    "file and directory": Case(
        base={"keep": "k\n"},
        downstream={"x": "file\n"},
        upstream={"x/y": "inner\n"},
        kinds={"x": Kind.FILE_DIRECTORY},
        shown=("x.resync-conflict",),
        resolution={"x.resync-conflict": None, "x/file": "file\n"},
        result={"x~HEAD": None, "x/file": "file\n", "x/y": "inner\n"},
    ),
    "binary": Case(
        base={"b": b"\0base"},
        downstream={"b": b"\0down"},
        upstream={"b": b"\0up"},
        kinds={"b": Kind.BINARY},
        shown=("b.resync-conflict",),
        resolution={"b.resync-conflict": None, "b": b"\0both"},
        result={"b": "\0both"},
    ),
    "file mode": Case(
        base={},
        downstream={"run": Moded("100755", LINES)},
        upstream={"run": LINES},
        kinds={"run": Kind.MODE},
        shown=("run.resync-conflict",),
        resolution={"run.resync-conflict": None},
        result={"run": LINES},
    ),
    "symbolic link": Case(
        base={"l": Moded("120000", "base")},
        downstream={"l": Moded("120000", "down")},
        upstream={"l": Moded("120000", "up")},
        kinds={"l": Kind.SYMLINK},
        shown=("l.resync-conflict",),
        resolution={"l.resync-conflict": None},
        result={"l": "down"},
    ),
    "submodule": Case(
        base={"sub": Moded("160000", ONE)},
        downstream={"sub": Moded("160000", TWO)},
        upstream={"sub": Moded("160000", THREE)},
        kinds={"sub": Kind.SUBMODULE},
        shown=("sub.resync-conflict",),
        resolution={"sub.resync-conflict": None},
    ),
}


def story_of(root: Path, case: Case) -> Story:
    return make_story(
        root / "world",
        ["git merge --no-edit $UPSTREAM_REF"],
        base=case.base,
        downstream=case.downstream,
        upstream={**case.upstream, "clean.txt": "merged by itself\n"},
    )


@pytest.mark.parametrize("name", CASES)
def test_a_conflict_is_shown_resolved_and_merged(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    story = story_of(tmp_path, case)

    pull = story.conflict()
    shown = story.diff(pull, "--name-only", "--no-renames", "-z").split("\0")[:-1]
    assert tuple(shown) == case.shown

    story.resolve(pull, case.resolution)
    work_tree = story.finish()
    (answered,) = load_resolutions(story.attempts[-1].attempt)
    kinds = {path.path: path.kind for path in answered.record.conflict.paths}
    expected = {path.encode(errors="surrogateescape"): kind for path, kind in case.kinds.items()}
    assert kinds == expected
    tracked = entries(work_tree)
    for path, content in case.result.items():
        assert (path in tracked) == (content is not None)
        assert content is None or show(work_tree, path) == content.rstrip("\n")
    assert not any(path.endswith(".resync-conflict") for path in tracked)
    assert not history_has_markers(work_tree) or name == "legitimate marker lines"


@pytest.mark.parametrize("name", ["both modified", "deleted upstream", "binary", "symbolic link"])
def test_the_base_has_downstreams_side_and_the_rest_merged(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    story = story_of(tmp_path, case)

    pull = story.conflict()

    downstream = story.world.downstream
    assert downstream.show(pull.base_branch, "clean.txt") == "merged by itself"
    for path, content in case.downstream.items():
        text = content.content if isinstance(content, Moded) else content
        text = text.decode() if isinstance(text, bytes) else text
        assert text is None or downstream.show(pull.base_branch, path) == text.rstrip("\n")


def test_a_stub_says_how_to_take_upstreams_side(tmp_path: Path) -> None:
    case = CASES["binary"]
    story = story_of(tmp_path, case)
    pull = story.conflict()
    laptop = story.clone_of(pull.head_branch)
    stub = (laptop / "b.resync-conflict").read_text()
    commands = [line.strip() for line in stub.split("Take upstream's side:")[1].splitlines()]

    def take(folder: Path) -> None:
        for command in filter(None, commands):
            assert command.startswith("git ")
            git(folder, *(word.strip("'") for word in command.split()[1:]))

    story.push(pull, take)
    story.merge(pull)

    assert show(story.finish(), "b") == "\0up"


def test_the_submodules_commit_of_downstream_stays(tmp_path: Path) -> None:
    case = CASES["submodule"]
    story = story_of(tmp_path, case)
    story.resolve(story.conflict(), case.resolution)

    work_tree = story.finish()

    assert entries(work_tree)["sub"] == "160000"


def test_five_hundred_files_are_one_pull_request_within_the_forges_limits(tmp_path: Path) -> None:
    names = [f"dir/{'long-' * 10}{number:03d}.txt" for number in range(500)]
    story = make_story(
        tmp_path / "world",
        ["git merge --no-edit $UPSTREAM_REF"],
        base={"f": "1\n"},
        downstream=dict.fromkeys(names, "d\n"),
        upstream=dict.fromkeys(names, "u\n"),
    )

    pull = story.conflict()

    assert len(pull.body) < 65_536
    assert "more: see the changed files" in pull.body
    assert story.diff(pull, "--name-only").count("\n") == 499
    story.resolve(pull, dict.fromkeys(names, "both\n"))
    assert show(story.finish(), names[499]) == "both"
