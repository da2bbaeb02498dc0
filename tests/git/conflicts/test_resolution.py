"""People's resolution of a conflict: what is resolved, what is not, and what else they changed."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from resync_argo.conflicts.markers import Labels
from resync_argo.conflicts.objects import list_tree
from resync_argo.conflicts.record import Conflict, ConflictPath, Record
from resync_argo.conflicts.resolution import Resolution, find_base, read_resolution
from resync_argo.git import Git, GitError
from tests.git.clones import Moded
from tests.git.conflict_story import put
from tests.git.repositories import Repository

KEY = "0a1b2c3d"
LABELS = Labels.of(KEY, branch="main", tag="v1.0.0")
MARKED = f"<<<<<<< {LABELS.downstream}\na\n=======\nb\n>>>>>>> {LABELS.upstream}\n"
STUB = ".resync-conflict"


def path(*names: str) -> ConflictPath:
    return ConflictPath(path=names[0].encode(), names=tuple(sorted(it.encode() for it in names)))


@dataclass
class Question:
    """A conflict in `f`, in `g`, and in `old`, which one side calls `new` and the other `newer`."""

    repository: Repository
    paths: tuple[ConflictPath, ...] = (path("f"), path("g"), path("old", "new", "newer"))
    base: str = field(init=False)

    def __post_init__(self) -> None:
        # `doc` is a file about markers that nobody touches.
        files = {"f": "f", "g": "g", "new": "new", "newer": "newer", "doc": MARKED}
        self.base = self.repository.commit("base", files)

    @property
    def git(self) -> Git:
        return Git(directory=self.repository.path)

    @property
    def record(self) -> Record:
        conflict = Conflict(operation="merge", stop="-", step="a", paths=self.paths)
        return Record(key=KEY, conflict=conflict, head="1" * 40, tag="2" * 40)

    def answered(
        self, files: dict[str, Any], *, git: Git | None = None, skip: str = ""
    ) -> Resolution:
        tip = self.repository.commit("head", files, parents=(self.base,))
        skipped = {self.id_of(tip, skip)} if skip else set()
        return read_resolution(git or self.git, self.record, self.base, tip, skip=skipped)

    def id_of(self, commit: str, name: str) -> str:
        return list_tree(self.git, commit)[name.encode()].id

    def ids(self, answers: Resolution) -> dict[str, dict[str, str | None]]:
        """Return the content of each name of the resolved conflicts."""
        contents = {None: None} | {
            it: self.repository.git("cat-file", "blob", it.id)
            for entries in answers.answers.values()
            for it in entries.values()
            if it is not None
        }
        return {
            conflict.decode(): {name.decode(): contents[it] for name, it in entries.items()}
            for conflict, entries in answers.answers.items()
        }


@pytest.fixture
def question(tmp_path: Path) -> Question:
    return Question(Repository(tmp_path / "repository"))


def test_a_file_without_markers_is_resolved_even_if_unchanged(
    question: Question,
) -> None:
    found = question.answered({"f": "both", "g": None, "newer": None})

    assert found.is_complete
    assert question.ids(found) == {
        "f": {"f": "both"},
        "g": {"g": None},
        "old": {"new": "new", "newer": None, "old": None},
    }
    assert found.changes == ()


@pytest.mark.parametrize(
    ("files", "left"),
    [
        ({"f": MARKED}, [b"f"]),
        ({"f": MARKED, "g": MARKED, "new": MARKED}, [b"f", b"g", b"old"]),
        ({"f": f"\0{MARKED}"}, [b"f"]),
        ({f"f{STUB}": "delete me"}, [b"f"]),
        ({f"f{STUB}": "delete me", "f": MARKED}, [b"f"]),
        ({"f": None, "renamed": MARKED}, [b"f", b"renamed"]),
        ({"new": None, "dir/:(top)ž\n": MARKED}, ["dir/:(top)ž\n".encode(), b"old"]),
        ({":(top)": MARKED}, [b":(top)"]),
    ],
    ids=["one", "all", "binary", "stub", "both", "renamed", "one name of many", "magic"],
)
def test_a_file_with_markers_or_a_stub_is_unresolved(
    question: Question, files: dict[str, str | None], left: list[bytes]
) -> None:
    found = question.answered(files)

    assert found.left == tuple(left)
    assert found.answers.keys() == {b"f", b"g", b"old"} - set(left)
    assert found.changes == ()


def test_a_deleted_stub_leaves_nothing_unresolved(question: Question) -> None:
    question.base = question.repository.commit("base", {f"f{STUB}": "delete me"})

    found = question.answered({f"f{STUB}": None})

    assert (found.is_complete, found.changes) == (True, ())


def test_other_changes_are_listed_in_order(question: Question) -> None:
    question.base = question.repository.commit("base", {"gone": "x", "dir/was": "1"})
    changes = {"z": "z", "gone": None, "dir/was": "2", "f": "both"}

    found = question.answered(changes)

    assert [(it.path, it.before is None, it.after is None) for it in found.changes] == [
        (b"dir/was", False, False),
        (b"gone", False, True),
        (b"z", True, False),
    ]


def test_contents_to_skip_are_not_read(question: Question) -> None:
    found = question.answered({"f": None, "f/large": MARKED}, skip="f/large")

    assert found.is_complete
    assert question.answered({"f": MARKED, "g": "g", "z": "z"}, skip="z").left == (b"f",)


def test_a_links_target_is_not_a_marker(question: Question) -> None:
    question.repository.git("update-ref", "refs/heads/head", question.base)
    tip = put(question.repository, "head", {"f": Moded("120000", MARKED)}, "Link")

    found = read_resolution(question.git, question.record, question.base, tip)

    assert found.is_complete


class FailingGrep(Git):
    """Git whose search fails, as if some content could not be read."""

    def attempt(self, *argv: str | bytes, **given: Any) -> subprocess.CompletedProcess[bytes]:
        if "grep" in argv:
            return subprocess.CompletedProcess(argv, 2, b"", b"error: unable to read")
        return super().attempt(*argv, **given)


def test_a_failed_search_does_not_make_a_conflict_resolved(question: Question) -> None:
    with pytest.raises(GitError, match=r"^git grep failed \(2\): error: unable to read"):
        question.answered({"f": MARKED}, git=FailingGrep(directory=question.repository.path))


@pytest.mark.parametrize(
    ("left", "unchecked", "said"),
    [
        (0, 0, "Resolved: merge this, and the sync goes on"),
        (0, 1, "Resolved (1 file is too large to check): merge this, and the sync goes on"),
        (1, 0, "1 file still has conflict markers or a .resync-conflict file"),
        (
            2,
            2,
            "2 files still have conflict markers or a .resync-conflict file; "
            "2 files are too large to check",
        ),
    ],
)
def test_the_commit_status_describes_the_progress(left: int, unchecked: int, said: str) -> None:
    found = Resolution(answers={}, left=(b"f",) * left, changes=(), unchecked=(b"g",) * unchecked)

    assert found.description == said


@pytest.mark.parametrize(("commits", "is_found"), [(999, True), (1000, False)])
def test_the_base_commit_is_looked_for_in_the_last_thousand_commits(
    question: Question, commits: int, *, is_found: bool
) -> None:
    repository = question.repository
    base = repository.commit("long", {"a": "a"}, message=question.record.text())
    who = "committer Ada <ada@example.org> 1600000000 +0000"
    more = f"commit refs/heads/long\n{who}\ndata 1\nx\nfrom {base}\n"
    more += f"commit refs/heads/long\n{who}\ndata 1\nx\n" * (commits - 1)
    repository.git("fast-import", "--quiet", stdin=more.encode())

    found = find_base(question.git, KEY, "refs/heads/long")

    assert (found == (base, question.record)) is is_found


def test_a_base_commit_that_was_merged_from_elsewhere_does_not_count(question: Question) -> None:
    repository = question.repository
    stray = repository.commit("stray", {"a": "a"}, message=question.record.text())
    repository.commit("merged", {"b": "b"}, parents=(question.base, stray))

    assert find_base(question.git, KEY, "refs/heads/merged") is None
