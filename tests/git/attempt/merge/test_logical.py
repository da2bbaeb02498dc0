"""Whatever git's index holds, a side means that side's own file under that side's name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from resync_argo.api.plan import ConflictRule
from resync_argo.conflicts.markers import opening_lines
from tests.git.clones import Clone, Content, Moded, make_clone
from tests.git.combinations import in_matrix

LINES = "".join(f"{number}\n" for number in range(1, 21))
OWN = LINES.replace("\n5\n", "\n5 own\n")
THEIR = LINES.replace("\n5\n", "\n5 their\n")
LATE = LINES.replace("\n15\n", "\n15 their\n")
OTHER = "".join(f"other {number}\n" for number in range(1, 21))


@dataclass(frozen=True, kw_only=True)
class Case:
    """Both sides' changes, and each side's files; None if they cannot be placed, so that a person is asked."""

    base: Mapping[str, Content]
    own: Mapping[str, Content]
    their: Mapping[str, Content]
    downstream: Mapping[str, str | None] | None
    upstream: Mapping[str, str | None] | None
    rules: tuple[str, ...] = field(default=("**",))


CASES = {
    "renamed to two names, both edited": Case(
        base={"old": LINES},
        own={"old": None, "ours": OWN},
        their={"old": None, "theirs": THEIR},
        downstream={"old": None, "ours": OWN, "theirs": None},
        upstream={"old": None, "ours": None, "theirs": THEIR},
    ),
    "renamed to two names, edits that merge": Case(
        base={"old": LINES},
        own={"old": None, "ours": OWN},
        their={"old": None, "theirs": LATE},
        downstream={"old": None, "ours": OWN, "theirs": None},
        upstream={"old": None, "ours": None, "theirs": LATE},
    ),
    "renamed to two names, matched by one": Case(
        base={"old": LINES},
        own={"old": None, "ours": OWN},
        their={"old": None, "theirs": THEIR},
        downstream=None,
        upstream=None,
        rules=("ours",),
    ),
    "renamed to one name": Case(
        base={"a": LINES, "b": OTHER},
        own={"a": None, "c": OWN, "b": f"{OTHER}own\n"},
        their={"b": None, "c": f"{OTHER}their\n", "a": f"{LINES}their\n"},
        downstream={"a": None, "b": None, "c": OWN},
        upstream={"a": None, "b": None, "c": f"{OTHER}their\n"},
    ),
    "renamed onto an added file": Case(
        base={"a": LINES},
        own={"a": None, "c": OWN},
        their={"a": THEIR, "c": "added\n"},
        downstream={"a": None, "c": OWN},
        upstream={"a": None, "c": "added\n"},
    ),
    "renamed and deleted": Case(
        base={"a": LINES},
        own={"a": None, "c": OWN},
        their={"a": None},
        downstream={"a": None, "c": OWN},
        upstream={"a": None, "c": None},
    ),
    "renamed on one side, edited on both": Case(
        base={"a": LINES},
        own={"a": OWN},
        their={"a": None, "c": THEIR},
        downstream={"a": None, "c": OWN},
        upstream={"a": None, "c": THEIR},
    ),
    "edited and deleted": Case(
        base={"a": LINES},
        own={"a": None},
        their={"a": THEIR},
        downstream={"a": None},
        upstream={"a": THEIR},
    ),
    "a file that became a link": Case(
        base={"v/f": LINES, "v/g": "g\n"},
        own={"v/f": OWN},
        their={"v/f": Moded("120000", "g")},
        downstream={"v/f": OWN},
        upstream={"v/f": "g"},
    ),
    "a link that became a file": Case(
        base={"l": Moded("120000", "a")},
        own={"l": Moded("120000", "b")},
        their={"l": "file\n"},
        downstream={"l": "b"},
        upstream={"l": "file\n"},
    ),
    "a link and a file, both new": Case(
        base={"k": "k\n"},
        own={"l": "file\n"},
        their={"l": Moded("120000", "k")},
        downstream={"l": "file\n"},
        upstream={"l": "k"},
    ),
    "links": Case(
        base={"l": Moded("120000", "a")},
        own={"l": Moded("120000", "b")},
        their={"l": Moded("120000", "c")},
        downstream={"l": "b"},
        upstream={"l": "c"},
    ),
    "upstream has a directory there": Case(
        base={"conf": LINES},
        own={"conf": OWN},
        their={"conf": None, "conf/a": "a\n"},
        downstream=None,
        upstream={"conf": None, "conf/a": "a\n"},
    ),
    "upstream has a directory where a link was": Case(
        base={"conf": Moded("120000", "a"), "k": "k\n"},
        own={"conf": Moded("120000", "k")},
        their={"conf": None, "conf/a": "a\n"},
        downstream=None,
        upstream={"conf": None, "conf/a": "a\n"},
    ),
    "downstream has a directory there": Case(
        base={"conf": LINES},
        own={"conf": None, "conf/a": "a\n"},
        their={"conf": THEIR},
        downstream={"conf": None, "conf/a": "a\n"},
        upstream=None,
    ),
    "both new, a file and a directory": Case(
        base={"k": "k\n"},
        own={"x": "file\n"},
        their={"x/y": "inner\n"},
        downstream=None,
        upstream={"x": None, "x/y": "inner\n"},
    ),
    "a renamed file and a directory": Case(
        base={"old": LINES},
        own={"old": None, "x": OWN},
        their={"old": LATE, "x/y": "inner\n"},
        downstream=None,
        upstream={"x": None, "x/y": "inner\n"},
    ),
    "in a directory that downstream moved": Case(
        base={"dir/a": LINES, "dir/b": OTHER},
        own={"dir/a": None, "dir/b": None, "moved/a": LINES, "moved/b": OTHER},
        their={"dir/new": "new\n"},
        downstream={"dir/new": None, "moved/new": None},
        upstream={"dir/new": "new\n", "moved/new": None},
    ),
    "moved into a directory that downstream moved, both edited": Case(
        base={"dir/a": LINES, "dir/b": OTHER, "x": f"{LINES}x\n"},
        own={
            "dir/a": None,
            "dir/b": None,
            "moved/a": LINES,
            "moved/b": OTHER,
            "x": f"{OWN}x\n",
        },
        their={"x": None, "dir/x": f"{THEIR}x\n"},
        downstream={"x": f"{OWN}x\n", "dir/x": None, "moved/x": None},
        upstream={"x": None, "dir/x": f"{THEIR}x\n", "moved/x": None},
    ),
    "modes": Case(
        base={"k": "k\n"},
        own={"run": Moded("100755", LINES)},
        their={"run": LINES},
        downstream={"run": LINES},
        upstream={"run": LINES},
    ),
    "binary": Case(
        base={"b": b"\0base"},
        own={"b": b"\0own"},
        their={"b": b"\0their"},
        downstream={"b": "\0own"},
        upstream={"b": "\0their"},
    ),
}
OPERATIONS = {
    "merge": "git merge --no-edit upstream",
    "rebase": "git rebase -q upstream",
    "cherry-pick": "git cherry-pick upstream",
    "squash": "git merge -q --squash upstream\ngit commit -q --allow-empty -m Squash",
    "squash unseen": (
        "/usr/bin/git merge -q --squash upstream || true\ngit commit -q --allow-empty -m Squash"
    ),
    "pick without commit": (
        "git cherry-pick --no-commit upstream\ngit commit -q --allow-empty -m Pick"
    ),
    "stash": (
        "git checkout -q begin\ngit read-tree -u --reset upstream\ngit stash -q\ngit checkout -q main\n"
        "git stash pop -q\ngit add -A\ngit commit -q --allow-empty -m Pop"
    ),
    "am": "git format-patch -q --binary --stdout begin..upstream >../patch\ngit am -q -3 ../patch",
}
NEVER_MOVES = ("am",)
"""Operations in which git does not follow a directory that a side moved."""

COMBINATIONS = [
    in_matrix(name, operation, always=operation == "merge" or place == number % len(OPERATIONS))
    for number, name in enumerate(CASES)
    for place, operation in enumerate(OPERATIONS)
]
"""`make test` tries each case as a merge, and as one of the other operations in turn."""


def contents(clone: Clone) -> dict[str, str]:
    """Return the files of HEAD, by path."""
    names = clone.git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")
    return {name: clone.git("cat-file", "blob", f"HEAD:{name}") for name in names if name}


def clone_of(root: Path, case: Case, rule: str) -> Clone:
    clone = make_clone(root, base=case.base, downstream=case.own, upstream=case.their)
    clone.rules.append(ConflictRule.model_validate({"paths": case.rules, "resolve": rule}))
    return clone


@pytest.mark.parametrize("side", ["downstream", "upstream"])
@pytest.mark.parametrize(("name", "operation"), COMBINATIONS)
def test_a_rule_takes_the_sides_own_file_or_asks(
    tmp_path: Path, name: str, side: str, operation: str
) -> None:
    case = CASES[name]
    if operation in NEVER_MOVES and "that downstream moved" in name:
        operation = "merge"
    expected = case.downstream if side == "downstream" else case.upstream
    clone = clone_of(tmp_path, case, side.capitalize())

    done = clone.run(OPERATIONS[operation])

    if expected is None:
        assert done.returncode == 10, done.stderr
        return
    assert done.returncode == 0, done.stderr
    found = contents(clone)
    for path, content in expected.items():
        assert found.get(path) == (None if content is None else content.rstrip("\n")), path
    assert not [path for path in found if "~" in path]
    assert not [path for path, text in found.items() if list(opening_lines(text.encode()))]
    assert clone.git("status", "--porcelain", "--ignore-submodules") == ""
