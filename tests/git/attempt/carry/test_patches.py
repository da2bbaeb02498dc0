"""A commit of upstream's that only resembles a carried patch is not the same patch."""

from pathlib import Path

import pytest

from tests.git.carries import LINES, Fork, make_fork, picked

OURS, THEIRS = (LINES.replace("line 5\n", f"{blanks}line 5\n") for blanks in ("    ", "  "))


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    return make_fork(tmp_path)


@pytest.mark.parametrize(
    ("name", "ours", "theirs"),
    [
        ("f.txt", OURS, THEIRS),
        ("Makefile", "all:\n\tmake one\n", "all:\n  make one\n"),
        ("logo.bin", "\0ours\n", "\0theirs\n"),
    ],
)
def test_patches_that_differ_in_blanks_or_bytes_are_not_the_same(
    fork: Fork, name: str, ours: str, theirs: str
) -> None:
    fork.carry("UPSTREAM: <carry>: one", {name: ours})
    fork.release("1.1.0", {name: theirs})
    assert name in fork.story.conflict().body


@pytest.mark.parametrize(("name", "content"), [("f.txt", OURS), ("logo.bin", "\0both\n")])
def test_the_same_patch_is_the_same_elsewhere_in_the_file(
    fork: Fork, name: str, content: str
) -> None:
    fork.carry("UPSTREAM: <carry>: one", {name: content})
    fork.release("1.0.9", {name: content})
    more = f"first\n{content}" if name == "f.txt" else content
    fork.release("1.1.0", {name: more, "new.txt": "new\n"})
    assert picked(fork.rebase()) == []
    assert [it.fate for it in fork.ledger().entries] == ["landed upstream"]
