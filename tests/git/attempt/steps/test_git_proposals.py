"""The steps' `git` has the Plan's tools propose files before it stops the script."""

from pathlib import Path

import pytest

from resync_argo.api.plan import ConflictRule
from tests.git.clones import SHELLS, Clone, make_clone


@pytest.fixture(params=SHELLS)
def clone(tmp_path: Path, request: pytest.FixtureRequest) -> Clone:
    return make_clone(
        tmp_path,
        shell=request.param,
        base={"f.txt": "1\n2\n3\n"},
        downstream={"f.txt": "1\ndown\n3\n"},
        upstream={"f.txt": "1\nup\n3\n"},
    )


def propose(clone: Clone, command: str) -> tuple[str, str]:
    """Stop at a conflict; return the tool's output and exit code."""
    clone.rules.append(ConflictRule(paths=("f.txt",), propose=command))

    done = clone.run("git merge --no-edit upstream || :\ntouch went-on")

    assert done.returncode == 10, done.stderr
    assert not (clone.directory / "went-on").exists()
    parts = [clone.control.proposal(1, it).read_text() for it in ("out", "code")]
    return parts[0], parts[1].strip()


def test_a_tool_has_the_three_versions_and_the_images_git(clone: Clone) -> None:
    command = 'cat "$BASE" "$DOWNSTREAM" "$UPSTREAM"; echo "$FILE"; command -v git; cat'

    out, code = propose(clone, command)

    *lines, git = out.splitlines()
    assert lines == ["1", "2", "3", "1", "down", "3", "1", "up", "3", "f.txt"]
    assert git != str(clone.control.git)
    assert code == "0"


def test_a_tool_that_hangs_is_stopped(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resync_argo.attempt.proposals.ask.MOST_SECONDS", 1)

    out, code = propose(clone, "trap '' TERM\necho begun\nsleep 60")

    assert (out, code) == ("begun\n", "137")
