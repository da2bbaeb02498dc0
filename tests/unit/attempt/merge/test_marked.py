"""Git's marker lines get our labels, and everything else stays unchanged."""

from resync_argo.attempt.merge.marked import hunks, relabel, side_labels
from resync_argo.conflicts.markers import Labels, opening_lines

SIDES = ("one", "two")
LABELS = ("branch (k)", "ancestor (k)", "release (k)")
CONFLICT = b"a\n<<<<<<< one\nx\n||||||| 1234abc\no\n=======\ny\n>>>>>>> two\nb\n"


def told(content: bytes) -> bytes | None:
    return relabel(content, sides=SIDES, labels=LABELS)


def test_the_three_labels_are_ours() -> None:
    assert told(CONFLICT) == (
        b"a\n<<<<<<< branch (k)\nx\n||||||| ancestor (k)\no\n=======\ny\n>>>>>>> release (k)\nb\n"
    )


def test_paths_behind_labels_and_longer_markers_are_understood() -> None:
    content = (
        CONFLICT.replace(b"one", b"one:old")
        .replace(b"two", b"two:new")
        .replace(b"1234abc", b"1234abc:x")
    )
    longer = content.replace(b"<<<<<<<", b"<" * 12).replace(b"|||||||", b"|" * 12)
    longer = longer.replace(b">>>>>>>", b">" * 12).replace(b"=======", b"=" * 12)

    found = told(longer)

    assert found is not None
    assert b"\n" + b"<" * 12 + b" branch (k)\n" in found
    assert b"\n" + b"|" * 12 + b" ancestor (k)\n" in found
    assert b"\n" + b">" * 12 + b" release (k)\n" in found


def test_examples_of_markers_within_a_conflict_stay() -> None:
    example = b"<<<<<<< HEAD\n=======\n>>>>>>> other\n||||||| base of it\n"
    content = CONFLICT.replace(b"x\n", example)

    found = told(content)

    assert found is not None
    assert example in found
    assert len(hunks(content, sides=SIDES)) == 1


def test_line_ends_of_another_system_stay() -> None:
    found = told(CONFLICT.replace(b"\n", b"\r\n"))

    assert found is not None
    assert found.count(b"\r\n") == CONFLICT.count(b"\n")


def test_a_file_without_a_conflict_has_none() -> None:
    assert told(b"<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> other\n") is None
    assert told(b"") is None


def test_the_parts_of_a_conflict_are_read_back() -> None:
    (found,) = hunks(CONFLICT, sides=SIDES)

    assert (found.line, found.ours, found.ancestor, found.theirs) == (2, (b"x",), (b"o",), (b"y",))


def test_in_a_rebase_upstreams_label_comes_first() -> None:
    labels = Labels.of("0123abcd", branch="release", tag="v1")

    assert side_labels(labels, upstream=2)[0] == labels.upstream
    assert side_labels(labels, upstream=3)[0] == labels.downstream


def test_conflicts_are_found_whoever_wrote_the_markers() -> None:
    text = b"<<<<<<< HEAD\n=======\n>>>>>>> x\n<<<<<<<<<< a\n==========\n>>>>>>>>>> b\n"

    assert list(opening_lines(text)) == [b"<<<<<<< HEAD", b"<<<<<<<<<< a"]


def test_similar_lines_are_not_taken_for_a_conflict() -> None:
    for text in (
        b"Heading\n=======\n",
        b"<<<<<<< HEAD\nno end\n",
        b"<<<<<<<x\n=======\n>>>>>>>x\n",
        b">>>>>>> a\n=======\n<<<<<<< b\n",
        b"<<<<<< six\n======\n>>>>>> six\n",
    ):
        assert list(opening_lines(text)) == []
