"""Whatever a step leaves, only its own files are read, and no more than requested."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.attempt.steps.control import (
    Untrustworthy,
    read,
    read_commit,
    read_inside,
    write,
)
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import texts

SECRET = b"s3cret"
KINDS = ("file", "link to a secret", "broken link", "fifo", "folder", "link to a folder", "nothing")


@contextmanager
def place() -> Iterator[Path]:
    """Yield a step's folder, with a secret and a folder of secrets beside it."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        (top / "steps").mkdir()
        (top / "other").mkdir()
        for file in (top / "secret", top / "other" / "secret", top / "other" / "a"):
            file.write_bytes(SECRET)
        yield top / "steps"


def put(kind: str, at: Path, content: bytes) -> None:
    match kind:
        case "file":
            at.write_bytes(content)
        case "link to a secret":
            at.symlink_to("../secret")
        case "broken link":
            at.symlink_to("nowhere")
        case "fifo":
            os.mkfifo(at)
        case "folder":
            at.mkdir()
        case "link to a folder":
            at.symlink_to("../other")
        case _:
            assert kind == "nothing"


@examples(2)
@given(st.sampled_from(KINDS), st.sampled_from(KINDS), st.binary(), st.integers(0, 40))
@example("link to a folder", "file", b"", 10)
@example("folder", "link to a secret", b"", 10)
@example("fifo", "nothing", b"", 10)
def test_only_a_steps_own_file_is_read(outer: str, inner: str, content: bytes, limit: int) -> None:
    with place() as steps:
        put(outer, steps / "a", content)
        if outer == "folder":
            put(inner, steps / "a" / "a", content)

        for names in (("a",), ("a", "a"), ("a", "secret")):
            try:
                found = read_inside(steps, *names, limit=limit)
            except Untrustworthy:
                continue
            own = outer == "file" if len(names) == 1 else (outer, inner) == ("folder", "file")
            is_there = own and names[-1] == "a"
            assert found == (content[:limit] if is_there else None)


@examples()
@given(st.sampled_from(KINDS), st.binary())
def test_a_write_replaces_only_the_file_itself(kind: str, content: bytes) -> None:
    with place() as steps:
        put(kind, steps / "a", b"old")
        try:
            write(steps / "a", content)
        except Untrustworthy:
            assert kind == "folder"
        else:
            assert read(steps / "a") == content

        others = [steps.parent / "secret", *(steps.parent / "other").iterdir()]
        assert {file.read_bytes() for file in others} == {SECRET}


@examples(2)
@given(
    st.binary() | texts().map(str.encode) | st.from_regex(rb"[0-9a-f]{39,41}\n?", fullmatch=True)
)
@example(b"1" * 40 + b"\n\n")
@example("\u0661".encode() * 40)
@example(b"1" * 64 + b"\n--upload-pack=x")
def test_a_commit_is_an_object_id_or_refused(content: bytes) -> None:
    with place() as steps:
        (steps / "head").write_bytes(content)
        try:
            found = read_commit(steps / "head")
        except Untrustworthy:
            return

        assert found is not None
        assert len(found) in (40, 64)
        assert set(found) <= set("0123456789abcdef")
        assert content in (found.encode(), found.encode() + b"\n")


def test_without_a_file_there_is_no_commit(tmp_path: Path) -> None:
    assert read_commit(tmp_path / "head") is None
    with pytest.raises(Untrustworthy):
        read_commit(Path("/dev/null"))
