"""The rule `UpstreamHunks` takes upstream's side of each conflicting place, and keeps downstream's other lines."""

from pathlib import Path

import pytest

from tests.git.attempt.resolve.test_rules import write_rules
from tests.git.clones import Clone, Content, Moded, make_clone, recorded_conflict

LINES = [f"line {number}" for number in range(1, 31)]


def changed(lines: dict[int, str], *, end: str = "\n", last: str = "\n") -> str:
    """Return the common file with some lines changed."""
    return end.join(lines.get(n, it) for n, it in enumerate(LINES, start=1)) + last


BASE = changed({})
OWN = changed({5: "own", 20: "own alone"})
UPSTREAM = changed({5: "up", 28: "up alone"})
RESULT = changed({5: "up", 20: "own alone", 28: "up alone"})


def make(root: Path, own: Content, upstream: Content, base: Content = BASE) -> Clone:
    """Return a clone with one file in conflict, and a rule about it."""
    clone = make_clone(root, base={"f": base}, downstream={"f": own}, upstream={"f": upstream})
    write_rules(clone, ("f", "UpstreamHunks"))
    return clone


@pytest.mark.parametrize(
    "script",
    [
        "git merge --no-edit upstream",
        "git rebase upstream",
        "git rebase --onto main begin upstream",
        "git checkout -q -B work upstream\ngit cherry-pick begin..main",
        "git merge --no-edit -s resolve upstream",
        "git merge --no-edit -Xpatience upstream",
    ],
)
def test_lines_that_do_not_collide_stay_whatever_git_does(tmp_path: Path, script: str) -> None:
    clone = make(tmp_path, OWN, UPSTREAM)

    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert clone.read("f") + "\n" == RESULT
    assert "f: decided by rule 1 of the Plan (UpstreamHunks)" in done.stdout


@pytest.mark.parametrize(
    ("end", "last"), [("\r\n", "\r\n"), ("\n", "")], ids=["carriage returns", "no last line end"]
)
def test_bytes_stay_unchanged(tmp_path: Path, end: str, last: str) -> None:
    files = (changed(it, end=end, last=last) for it in ({30: "own", 3: "own"}, {30: "up"}, {}))
    own, upstream, base = (it.encode() for it in files)
    clone = make(tmp_path, own, upstream, base)

    done = clone.run("git merge --no-edit upstream")

    assert done.returncode == 0, done.stderr
    wanted = changed({30: "up", 3: "own"}, end=end, last=last).encode()
    assert clone.git("rev-parse", "HEAD:f") == clone.git("hash-object", "--stdin", stdin=wanted)


@pytest.mark.parametrize(
    ("own", "upstream"),
    [
        (b"\0own", b"\0up"),
        (None, UPSTREAM),
        (OWN, None),
        (Moded("120000", "own"), Moded("120000", "up")),
    ],
    ids=["binary", "deleted here", "deleted there", "links"],
)
def test_a_file_without_conflicting_lines_is_asked_about(
    tmp_path: Path, own: Content, upstream: Content
) -> None:
    base = b"\0" if isinstance(own, bytes) else changed({})
    clone = make(tmp_path, own, upstream, base)

    done = clone.run("git merge --no-edit upstream")

    assert done.returncode == 10
    assert [it.path for it in recorded_conflict(clone).paths] == [b"f"]


def test_a_file_that_attributes_call_binary_is_asked_about(tmp_path: Path) -> None:
    base: dict[str, Content] = {"f": changed({}), ".gitattributes": "f -merge\n"}
    clone = make_clone(tmp_path, base=base, downstream={"f": OWN}, upstream={"f": UPSTREAM})
    write_rules(clone, ("f", "UpstreamHunks"))

    assert clone.run("git merge --no-edit upstream").returncode == 10


def test_a_file_that_upstream_renamed_keeps_downstreams_lines(tmp_path: Path) -> None:
    clone = make_clone(
        tmp_path,
        base={"f": changed({})},
        downstream={"f": OWN},
        upstream={"f": None, "new": UPSTREAM},
    )
    write_rules(clone, ("*", "UpstreamHunks"))

    done = clone.run("git merge --no-edit upstream")

    assert done.returncode == 0, done.stderr
    assert clone.tracked().keys() == {"new"}
    assert clone.read("new") + "\n" == RESULT
