"""Any files of a step are a request whose values are safe for git, or are refused."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.attempt.resolve.request import Request, take_request
from resync_argo.attempt.steps.control import Control, Untrustworthy
from resync_argo.conflicts.quoting import quote
from tests.fuzzing.examples import examples
from tests.fuzzing.pieces import attempt_in
from tests.fuzzing.texts import object_ids, paths, texts

OID = "1" * 40
REQUEST = f"step merge\ncommit {OID}\nhead {OID}\ncommitter A <a@b.c> 1 +0000\nend\n".encode()
UNMERGED = f"100644 {OID} 2\ta\n".encode()
FILES = ("request", "arguments", "config", "unmerged")
WORDS = st.lists(texts(without="\0").map(lambda it: it.encode()) | paths(), max_size=4)


def asked(files: Mapping[str, bytes]) -> Request | None:
    """Return the request in a control folder with these files; None if it is refused."""
    with tempfile.TemporaryDirectory() as folder:
        attempt = attempt_in(Path(folder))
        for name, content in files.items():
            (attempt.layout.control / name).write_bytes(content)
        try:
            return take_request(attempt)
        except Untrustworthy:
            return None
        finally:
            is_whole = files["request"].endswith(b"end\n")
            assert Control(directory=attempt.layout.control).request.exists() is not is_whole


def sq_quoted(words: list[bytes]) -> bytes:
    """Return words as `git rev-parse --sq-quote` prints them."""
    quoted = (word.replace(b"'", b"'\\''").replace(b"!", b"'\\!'") for word in words)
    return b"".join(b" '" + word + b"'" for word in quoted) + b"\n"


@examples(2)
@given(
    st.fixed_dictionaries(
        {
            "request": st.just(REQUEST) | st.binary().map(lambda it: it + b"end\n"),
            "arguments": st.binary() | texts(max_size=20).map(str.encode),
            "config": st.binary() | texts(max_size=20).map(str.encode),
            "unmerged": st.just(UNMERGED) | st.binary() | texts().map(str.encode),
        }
    )
)
@example({"request": REQUEST, "arguments": b"'", "config": b"", "unmerged": UNMERGED})
@example({"request": REQUEST, "arguments": b"-c a=\0 m \0", "config": b"", "unmerged": UNMERGED})
@example({"request": REQUEST, "arguments": b"m", "config": b"alias.m\n'", "unmerged": UNMERGED})
@example(
    {"request": REQUEST, "arguments": b"m", "config": b"", "unmerged": b'100644 1 2\t"\\777"\n'}
)
@example(
    {
        "request": REQUEST.replace(b"A <", b"A\0\r\x1b <"),
        "arguments": b"",
        "config": b"",
        "unmerged": UNMERGED,
    }
)
def test_any_files_are_a_valid_request_or_refused(files: dict[str, bytes]) -> None:
    found = asked(files)

    if found is not None:
        assert found.stages
        assert found.step.isascii()
        assert "/" not in found.step
        assert {len(it) for it in (found.commit, found.head, *found.named)} <= {40, 64}
        # A value in a commit is one line, as git accepts it.
        assert "\n" not in found.committer
        settings = [it for pair in found.call.settings for it in pair]
        assert not any("\0" in it for it in (found.committer, *found.call.words, *settings))


@examples()
@given(WORDS, st.dictionaries(paths(), object_ids(), min_size=1))
def test_the_command_and_the_paths_are_as_in_git(
    words: list[bytes], unmerged: dict[bytes, str]
) -> None:
    listing = "".join(f"100644 {oid} 3\t{quote(path)}\n" for path, oid in unmerged.items())
    files = {"request": REQUEST, "config": b"", "unmerged": listing.encode()}

    found = asked(files | {"arguments": sq_quoted([b"merge", *words])})

    assert found is not None
    assert found.call.command == "merge"
    assert [os.fsencode(word) for word in found.call.words] == words
    assert {path: stages[3].id for path, stages in found.stages.items()} == unmerged
