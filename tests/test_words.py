"""Plain English: habits that readers stumble on stay out of code, tests, manifests and documents."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

TOLD = r"\b(is|are|was|were|be|been) told\b"
ANEW = r"\banew\b"
OF_OURS = r"\bof ours\b"
MILLIARDS = r"\bmilliards?\b"
MENDED = r"\bmend(s|ed|ing)?\b"
IS_NO = (
    r"(?<![Tt]here )\b(is|are|was|were) no (action|array|command|error|failure|file|list|merge|number"
    r"|object|parameter|path|pipe|question|release|repository|tag|text|version)s?\b"
)

HABITS = {
    TOLD: "is asked, reported, shown or named; or: people read, see",
    ANEW: "again",
    OF_OURS: "our, one of our",
    MILLIARDS: "billion",
    MENDED: "fix, repair, correct",
    IS_NO: "is not a",
    r"\bparted by\b": "separated by",
    r"\bshall\b": "will, should, must",
    r"\bno part of\b": "not part of",
    r'"""Tell (whether|if)\b': "Return whether",
    r"\bnone of (its|our|their) business\b": "does not concern it",
}
"""Regular expressions, and what to write instead."""

CHECKED = (".html", ".md", ".py", ".sh", ".toml", ".yaml")

QUOTED = ("tests/history/figures/node_exporter.yaml", "tests/test_words.py")
"""What other people wrote, and the list itself."""

NAMES = re.compile(r"plan-mended|\w+_mended\w*")
"""Names of files and functions."""


def found(path: str, text: str) -> Iterator[str]:
    """Yield the habits of a text: the place, the line, and what to write instead."""
    for number, line in enumerate(NAMES.sub("", text).splitlines(), start=1):
        for habit, better in HABITS.items():
            if re.search(habit, line):
                yield f"{path}:{number}: {line.strip()[:120]} -> {better}"


def paths() -> list[str]:
    """Return the files of the repository that are checked."""
    listing = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    every = listing.stdout.splitlines()
    return [it for it in every if it.endswith(CHECKED) and not it.startswith(QUOTED)]


def test_no_file_has_a_habit_that_readers_stumble_on() -> None:
    stumbles = [
        it for path in paths() for it in found(path, (ROOT / path).read_text(encoding="utf-8"))
    ]

    assert stumbles == []


@pytest.mark.parametrize(
    ("line", "better"),
    [
        ("It is told once.", HABITS[TOLD]),
        ("made anew", HABITS[ANEW]),
        ("a Workflow of ours", HABITS[OF_OURS]),
        ("milliards of files", HABITS[MILLIARDS]),
        ("mend it", HABITS[MENDED]),
        ("`x` is no number", HABITS[IS_NO]),
    ],
)
def test_each_habit_is_found(line: str, better: str) -> None:
    assert list(found("a.py", f"\n{line}\n")) == [f"a.py:2: {line} -> {better}"]


@pytest.mark.parametrize("line", ["There is no file.", "plan-mended.yaml", "it is no longer there"])
def test_what_is_plain_is_left_alone(line: str) -> None:
    assert list(found("a.py", line)) == []
