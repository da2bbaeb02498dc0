"""A stub's commands take either side, whatever is in the way."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.git.clones import Moded
from tests.git.conflict_story import Content, entries, make_story, show
from tests.git.repositories import IDENTITY

LINES = "".join(f"{number}\n" for number in range(1, 21))
OWN = LINES.replace("\n5\n", "\n5 own\n")
THEIR = LINES.replace("\n5\n", "\n5 their\n")
ONE, TWO, THREE = "1" * 40, "2" * 40, "3" * 40


@dataclass(frozen=True, kw_only=True)
class Case:
    """Both sides' changes, the stub's place, and each side's file."""

    base: Mapping[str, Content]
    own: Mapping[str, Content]
    their: Mapping[str, Content]
    stub: str
    downstream: Mapping[str, str | None]
    upstream: Mapping[str, str | None]


CASES = {
    "renamed to two names": Case(
        base={"old": LINES},
        own={"old": None, "ours": OWN},
        their={"old": None, "theirs": THEIR},
        stub="ours",
        downstream={"old": None, "ours": OWN, "theirs": None},
        upstream={"old": None, "ours": None, "theirs": THEIR},
    ),
    "renamed onto an added file, and edited": Case(
        base={"a": LINES},
        own={"a": None, "c": OWN},
        their={"a": THEIR, "c": "added\n"},
        stub="c",
        downstream={"a": None, "c": OWN},
        upstream={"a": None, "c": "added\n"},
    ),
    "edited and deleted": Case(
        base={"it's here": LINES},
        own={"it's here": OWN},
        their={"it's here": None},
        stub="it's here",
        downstream={"it's here": OWN},
        upstream={"it's here": None},
    ),
    "deleted and edited": Case(
        base={"a": LINES},
        own={"a": None},
        their={"a": THEIR},
        stub="a",
        downstream={"a": None},
        upstream={"a": THEIR},
    ),
    "upstream has a directory there": Case(
        base={"conf": LINES},
        own={"conf": OWN},
        their={"conf": None, "conf/a": "a\n", "conf/b": "b\n"},
        stub="conf",
        downstream={"conf": OWN, "conf/a": None, "conf/b": None},
        upstream={"conf": None, "conf/a": "a\n", "conf/b": "b\n"},
    ),
    "downstream has a directory there": Case(
        base={"conf": LINES},
        own={"conf": None, "conf/a": "a\n"},
        their={"conf": THEIR},
        stub="conf",
        downstream={"conf": None, "conf/a": "a\n"},
        upstream={"conf": THEIR, "conf/a": None},
    ),
    "a file that became a link": Case(
        base={"f": LINES},
        own={"f": OWN},
        their={"f": Moded("120000", "g")},
        stub="f",
        downstream={"f": OWN},
        upstream={"f": "g"},
    ),
    "in a directory that downstream moved": Case(
        base={"dir/a": LINES, "dir/b": f"{LINES}b\n"},
        own={"dir/a": None, "dir/b": None, "moved/a": LINES, "moved/b": f"{LINES}b\n"},
        their={"dir/new": "new\n"},
        stub="moved/new",
        downstream={"dir/new": None, "moved/new": None},
        upstream={"dir/new": "new\n", "moved/new": None},
    ),
    "modes": Case(
        base={"k": "k\n"},
        own={"run": Moded("100755", LINES)},
        their={"run": LINES},
        stub="run",
        downstream={"run": LINES},
        upstream={"run": LINES},
    ),
}


@pytest.mark.parametrize("side", ["downstream", "upstream"])
@pytest.mark.parametrize("name", CASES)
def test_its_commands_take_the_sides_own_file(tmp_path: Path, name: str, side: str) -> None:
    case = CASES[name]
    story = make_story(
        tmp_path / "world",
        ["git merge --no-edit $UPSTREAM_REF"],
        base=case.base,
        downstream=case.own,
        upstream=case.their,
    )
    pull = story.conflict()
    shown = story.diff(pull, "--name-only", "--no-renames").split("\n")
    assert shown == [f"{case.stub}.resync-conflict"]

    def take(folder: Path) -> None:
        stub = (folder / f"{case.stub}.resync-conflict").read_text()
        paragraph = stub.split(f"Take {side}'s side:\n")[1].split("Take ")[0]
        subprocess.run(
            ["sh", "-ec", paragraph],
            cwd=folder,
            check=True,
            env=IDENTITY | {"PATH": "/usr/bin:/bin"},
        )

    story.push(pull, take)
    story.merge(pull)
    work_tree = story.finish()

    expected = case.downstream if side == "downstream" else case.upstream
    tracked = entries(work_tree)
    for path, content in expected.items():
        assert (path in tracked) == (content is not None), path
        assert content is None or show(work_tree, path) == content.rstrip("\n")
    assert not [path for path in tracked if "~" in path or path.endswith(".resync-conflict")]


def test_deleting_only_the_stub_keeps_the_present_file(tmp_path: Path) -> None:
    case = CASES["renamed to two names"]
    story = make_story(
        tmp_path / "world",
        ["git merge --no-edit $UPSTREAM_REF"],
        base=case.base,
        downstream=case.own,
        upstream=case.their,
    )
    story.resolve(story.conflict(), {"ours.resync-conflict": None})

    tracked = entries(story.finish())

    assert "ours" in tracked
    assert not {"old", "theirs"} & tracked.keys()


@pytest.mark.parametrize("side", ["Downstream", "Upstream"])
def test_a_vendored_submodule_is_asked_about_if_its_directory_is_in_the_way(
    tmp_path: Path, side: str
) -> None:
    story = make_story(
        tmp_path / "world",
        ["git merge --no-edit $UPSTREAM_REF"],
        base={"l": Moded("160000", ONE), "k": "k\n"},
        downstream={"l": None, "l/f": "vendored\n"},
        upstream={"l": Moded("160000", TWO)},
        config={"conflicts": [{"paths": ["**", "l~*"], "resolve": side}]},
    )

    if side == "Upstream":
        pull = story.conflict()
        assert story.diff(pull, "--name-only") == "l.resync-conflict"
        assert "submodule" in pull.body
        return
    tracked = entries(story.finish())
    assert tracked["l/f"] == "100644"
    assert not [path for path in tracked if "~" in path or path == "l"]


def test_a_deleted_submodule_stays_deleted_whatever_the_order_of_rules(tmp_path: Path) -> None:
    modules = '[submodule "t/l"]\n\tpath = t/l\n\turl = ../lib\n'
    story = make_story(
        tmp_path / "world",
        ["git merge --no-edit $UPSTREAM_REF"],
        base={"t/l": Moded("160000", ONE), ".gitmodules": modules},
        downstream={"t/l": None, ".gitmodules": None},
        upstream={"t/l": Moded("160000", TWO), ".gitmodules": f"{modules}\tbranch = main\n"},
        config={"conflicts": [{"paths": ["t/**", ".gitmodules"], "resolve": "Downstream"}]},
    )

    tracked = entries(story.finish())

    assert not {"t/l", ".gitmodules"} & tracked.keys()
