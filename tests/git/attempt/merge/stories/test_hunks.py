"""People see the hunks that git leaves with the same command, options and attributes."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.git.clones import DATE, IDENTITY, Clone, Content, make_clone, recorded_stop, start_over
from tests.history.hunks import split_hunks

TEXT = "".join(f"line {number} {{\n" for number in range(1, 41))
INDENTED = TEXT.replace("line ", "line   ")


def edited(text: str, **lines: str) -> str:
    """Return a text with some lines changed: `l5="own"`."""
    content = text.split("\n")
    for name, line in lines.items():
        content[int(name[1:]) - 1] = line
    return "\n".join(content)


@dataclass(frozen=True, kw_only=True)
class Case:
    """Both sides' changes, and the command."""

    command: str
    own: Mapping[str, Content] = field(
        default_factory=lambda: {"a": edited(TEXT, l5="own", l20="own")}
    )
    their: Mapping[str, Content] = field(
        default_factory=lambda: {"a": edited(INDENTED, l20="their")}
    )
    base: Mapping[str, Content] = field(default_factory=lambda: {"a": TEXT, "k": "k\n"})


CRLF = TEXT.replace("\n", "\r\n")
LINE_ENDS: dict[str, Mapping[str, Content]] = {
    "base": {"a": CRLF},
    "own": {"a": edited(TEXT, l20="own").replace("\n", "\r\n")},
    # Git itself normalises the line ends when it commits this side.
    "their": {"a": edited(TEXT, l20="their"), ".gitattributes": "* text=auto\n"},
}
CASES = {
    "no option": Case(command="merge"),
    "space changes": Case(command="merge -Xignore-space-change"),
    "all space": Case(command="merge --strategy-option=ignore-all-space"),
    "two options": Case(command="merge -X patience -X ignore-space-change"),
    "a strategy": Case(command="merge -s resolve"),
    "an option of a rebase": Case(command="rebase -Xignore-space-change"),
    "an option of a pick": Case(command="cherry-pick -Xignore-space-change"),
    "line ends": Case(command="merge -Xrenormalize", **LINE_ENDS),
    "line ends by a setting": Case(command="-c merge.renormalize=true merge", **LINE_ENDS),
    "an alias": Case(command="-c alias.m='merge -Xignore-space-change' m"),
    "a larger marker": Case(
        command="merge", base={"a": TEXT, ".gitattributes": "a conflict-marker-size=12\n"}
    ),
    "line ends of the work tree": Case(
        command="merge -Xignore-space-change", base={"a": TEXT, ".gitattributes": "a eol=crlf\n"}
    ),
    "renamed on one side": Case(
        command="merge",
        own={"a": None, "b/c": edited(TEXT, l5="own", l20="own")},
        their={"a": edited(TEXT, l20="their")},
    ),
    "renames that are not looked for": Case(
        command="merge -Xno-renames",
        own={"a": None, "b/c": edited(TEXT, l5="own", l20="own"), "k": "own\n"},
        their={"a": edited(TEXT, l20="their"), "k": "their\n"},
    ),
    "a subtree": Case(
        command="merge -Xsubtree=lib",
        base={"lib/a": TEXT, "a": TEXT},
        own={"lib/a": edited(TEXT, l20="own"), "a": None},
        their={"a": edited(TEXT, l20="their"), "lib/a": None},
    ),
    "examples of markers in the file": Case(
        command="merge -Xignore-space-change",
        base={"a": f"<<<<<<< HEAD\none\n=======\ntwo\n>>>>>>> x\n{TEXT}"},
        own={"a": f"<<<<<<< HEAD\none\n=======\ntwo\n>>>>>>> x\n{edited(TEXT, l20='own')}"},
        their={"a": f"<<<<<<< HEAD\none\n=======\ntwo\n>>>>>>> x\n{edited(INDENTED, l20='their')}"},
    ),
}


def plain(clone: Clone, command: str) -> dict[bytes, list[bytes]]:
    """Return the hunks that plain git leaves, by path."""
    script = f"git -c merge.conflictStyle=zdiff3 {command} upstream"
    subprocess.run(
        ["sh", "-c", script],
        cwd=clone.directory,
        env=IDENTITY | DATE | {"PATH": "/usr/bin:/bin"},
        check=False,
        capture_output=True,
    )
    listing = clone.git("ls-files", "-u", "-z").split("\0")[:-1]
    names = {line.partition("\t")[2] for line in listing}
    files = {name: clone.directory / name for name in names}
    found = {
        name.encode(): split_hunks(file.read_bytes().replace(b"\r\n", b"\n"))
        for name, file in files.items()
        if file.is_file()
    }
    return {name: hunks for name, hunks in found.items() if hunks}


@pytest.mark.parametrize("name", CASES)
def test_the_hunks_are_gits_own(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    clone = make_clone(tmp_path, base=case.base, downstream=case.own, upstream=case.their)
    start = clone.git("rev-parse", "HEAD")
    expected = plain(clone, case.command)
    assert expected, "the case is none"
    start_over(clone, start)

    clone.run(f"git {case.command} upstream")

    shown = {}
    git = clone.attempt.repository
    for path, marked in recorded_stop(clone).marked.items():
        content = git.run("cat-file", "blob", marked.entry.id)
        shown[path] = split_hunks(content.replace(b"\r\n", b"\n"))
    assert shown == expected
