"""Leftovers of a conflict are found in a commit, and people's own text is left alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from resync_argo.attempt.publish.leftovers import refuse_leftovers
from resync_argo.attempt.repository.step_objects import take_commits
from resync_argo.attempt.steps.control import Untrustworthy
from resync_argo.errors import Stalled
from tests.git.clones import Clone, Content, Moded, make_clone

Files = dict[str, Content]

CONFLICT = "<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> v1.1.0\n"
ODD = "<<<<<<< it's [a] *.$x^ \\ /y/\nours\n=======\ntheirs\n>>>>>>> z\n"
OURS = "<<<<<<< downstream: main (resync 0123abcd)\nours\n"


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Clone]:
    """Make a clone whose sides have merged; a test commits on top."""

    def made(
        *, base: Files | None = None, own: Files | None = None, new: Files | None = None
    ) -> Clone:
        clone = make_clone(
            tmp_path,
            base={"k": "k\n", **(base or {})},
            downstream={"d": "d\n", **(own or {})},
            upstream={"u": "u\n", **(new or {})},
        )
        clone.git("merge", "-q", "-m", "Merge", "upstream")
        return clone

    return made


def found(clone: Clone, files: Files) -> str:
    """Return why a commit of files on top of the merge is refused; "" if it is not."""
    commit = clone.commit("On top", files)
    clone.git("reset", "-q", "--hard", "HEAD^")
    take_commits(clone.attempt, [commit])
    try:
        refuse_leftovers(clone.attempt, commit)
    except Stalled as error:
        return str(error).rpartition(" in ")[2]
    return ""


def test_a_stub_of_neither_side_is_refused(make: Callable[..., Clone]) -> None:
    assert found(make(), {"y.resync-conflict": "x\n"}) == "`y.resync-conflict`."


def test_one_example_does_not_hide_a_conflict_with_the_same_labels(
    make: Callable[..., Clone],
) -> None:
    clone = make(base={"doc": CONFLICT})

    for inner in ("ours", "theirs"):
        assert found(clone, {"doc": CONFLICT.replace(inner, "better")}) == ""
    assert found(clone, {"doc": CONFLICT + CONFLICT.replace("ours", "mine")}) == "`doc`."


@pytest.mark.parametrize("end", ["HEAD", "v1.1.0"])
def test_an_example_with_another_label_is_different(make: Callable[..., Clone], end: str) -> None:
    others = CONFLICT.replace("ours", "mine").replace(end, "other")

    assert found(make(base={"doc": CONFLICT * 2}), {"doc": others}) == "`doc`."


@pytest.mark.parametrize("side", ["own", "new"])
def test_an_example_of_one_side_may_be_edited(make: Callable[..., Clone], side: str) -> None:
    clone = make(**{side: {"doc": CONFLICT}})

    assert found(clone, {"doc": CONFLICT.replace("ours", "better")}) == ""


@pytest.mark.parametrize("side", ["own", "new"])
def test_an_example_of_one_side_may_be_edited_and_move_within_its_file(
    make: Callable[..., Clone], side: str
) -> None:
    text = "".join(f"{number}\n" for number in range(20))
    clone = make(**{side: {"doc": CONFLICT + text}})

    assert found(clone, {"doc": text + CONFLICT.replace("ours", "better")}) == ""


def test_the_first_of_several_files_with_conflicts_is_found(make: Callable[..., Clone]) -> None:
    clone = make(own={"doc": CONFLICT})

    assert found(clone, {"a": CONFLICT.replace("ours", "mine"), "b": CONFLICT}) == "`a`."


def test_a_file_that_was_moved_aside_is_found_even_if_its_own_name_is_gone(
    make: Callable[..., Clone],
) -> None:
    assert found(make(), {"k": None, "k~HEAD": "k\n"}) == "`k~HEAD`."


def test_a_binary_file_is_checked_too(make: Callable[..., Clone]) -> None:
    clone = make(own={"doc": b"\0\n" + CONFLICT.encode()})

    assert found(clone, {"moved": CONFLICT}) == ""
    assert found(clone, {"data": b"\0\n" + ODD.encode()}) == "`data`."


@pytest.mark.parametrize("side", ["own", "new"])
def test_an_example_may_move_to_another_file(make: Callable[..., Clone], side: str) -> None:
    manual = f"before\n{CONFLICT}after\n"
    half = dict.fromkeys(("a", "e"), "<<<<<<< HEAD\n")
    clone = make(**{side: {"doc": manual, "folder/odd: name\n": ODD, **half}})

    for conflict in (CONFLICT, ODD):
        assert found(clone, {"moved": conflict}) == ""
        assert found(clone, {"moved": conflict.replace("theirs", "others")}) == "`moved`."


@pytest.mark.parametrize(
    "label", [b"a\0b", b"x" * 200_000, "žluťoučký".encode(), b"\xff\xfe", b"--help", b"*"]
)
def test_an_example_may_move_whatever_is_in_its_first_line(
    make: Callable[..., Clone], label: bytes
) -> None:
    example = b"<<<<<<< " + label + b"\nours\n=======\ntheirs\n>>>>>>> z\n"
    clone = make(own={"doc": example})

    assert found(clone, {"moved": example}) == ""
    assert found(clone, {"moved": example.replace(b"ours", b"mine")}) == "`moved`."


def test_a_slash_in_a_branchs_name_is_replaced_in_a_files_name(
    make: Callable[..., Clone],
) -> None:
    clone = make()
    replay = clone.attempt.replay_input()
    clone.attempt.save(replay.model_copy(update={"tag": "api/v1.1.0"}))

    assert found(clone, {"x~api_v1.1.0": "x\n"}) == "`x~api_v1.1.0`."


@pytest.mark.parametrize("side", ["own", "new"])
def test_our_own_marker_lines_are_refused_whoever_has_them(
    make: Callable[..., Clone], side: str
) -> None:
    clone = make(**{side: {"doc": OURS}})

    assert found(clone, {"other": f"first\n{OURS}"}) == "`other`."


def test_a_links_target_is_not_a_conflict(make: Callable[..., Clone]) -> None:
    assert found(make(), {"link": Moded("120000", OURS)}) == ""


def test_an_unreadable_commit_is_not_accepted(make: Callable[..., Clone]) -> None:
    with pytest.raises(Untrustworthy, match="cannot be read"):
        refuse_leftovers(make().attempt, "0" * 40)


def test_a_name_that_git_made_up_for_a_collision_is_refused(make: Callable[..., Clone]) -> None:
    clone = make()
    labels = (
        *("HEAD", "HEAD_0", "HEAD_12", "main", "v1.1.0", "v1.1.0_3"),
        *("0123abc", "0123abcd" * 8, "resync-side-upstream", "resync-side-2_1"),
    )

    for name in (f"folder/x~{label}" for label in labels):
        assert found(clone, {name: "x\n"}) == f"`{name}`."


def test_a_similar_name_that_a_person_chose_is_not_refused(make: Callable[..., Clone]) -> None:
    names = (
        *("x~", "x~1", "x~HEAD~", "x~HEADS", "x~012abc", f"x~{'0123abcd' * 8}0", "x~mains"),
        *("x~v1x1x0", "~folder/y", "~x", "x~some words", "x~HEAD_", "xHEAD", "u~folder/y"),
    )

    assert found(make(), dict.fromkeys(names, "x\n")) == ""


@pytest.mark.parametrize("side", ["own", "new"])
def test_the_name_of_a_sides_file_with_any_label_behind_it_is_refused(
    make: Callable[..., Clone], side: str
) -> None:
    clone = make(**{side: {"folder/x": "x\n", "y~z": "y\n"}})

    for name in ("folder/x~some words", "folder/x~a", "folder/x~a~b", "y~z~some words"):
        assert found(clone, {name: "new\n"}) == f"`{name}`."
    names = ("folder/x~", "folder/~x", "folder/xyz")
    assert found(clone, dict.fromkeys(names, "new\n")) == ""


@pytest.mark.parametrize("side", ["own", "new"])
@pytest.mark.parametrize("name", ["x~HEAD", "y.resync-conflict"])
def test_a_sides_own_file_that_is_named_like_a_leftover_is_accepted(
    make: Callable[..., Clone], side: str, name: str
) -> None:
    assert found(make(**{side: {name: "x\n"}}), {name: "y\n"}) == ""


def test_each_of_very_many_changed_files_is_checked(make: Callable[..., Clone]) -> None:
    examples: Files = {f"a{number:03}": f"{CONFLICT}{number}\n" for number in range(250)}
    clone = make(own={"doc": CONFLICT})

    assert found(clone, examples) == ""
    assert (
        found(clone, {"a249": CONFLICT.replace("ours", "mine").replace("HEAD", "me")}) == "`a249`."
    )
