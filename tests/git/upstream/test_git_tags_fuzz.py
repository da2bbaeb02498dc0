"""Every name of a tag that passes is one that git itself allows."""

import subprocess

from hypothesis import assume, example, given
from hypothesis import strategies as st

from resync_argo.upstream.git_tags import is_safe_name
from tests.fuzzing.examples import examples

PIECES = (
    "v",
    "1.2.3",
    "-rc.1",
    "+b",
    ".",
    "..",
    "/",
    "//",
    "/.",
    ".lock",
    "@",
    "@{",
    "~",
    "^",
    ":",
)
NAMES = st.lists(st.sampled_from([*PIECES, "\\", "*", "?", "[", "{", "}", "$", "'"]), min_size=1)


@examples(0.5)
@given(NAMES.map("".join))
@example("a.lock/b")
@example("@")
@example("a" * 244)
def test_git_allows_every_safe_name(name: str) -> None:
    assume(is_safe_name(name))

    subprocess.run(["git", "check-ref-format", f"refs/tags/{name}"], check=True)
