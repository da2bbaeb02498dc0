"""A pull request that a person closes without merging skips the release, on a laptop as on a cluster."""

import pytest

from tests.git.local_runs import Laptop


def close(laptop: Laptop, number: int, *, state: str = "closed") -> None:
    file = laptop.pulls / f"{number:04d}.md"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(f"state: {state}\n" if it.startswith("state:") else it for it in lines))


def states(laptop: Laptop) -> list[str]:
    files = sorted(laptop.pulls.glob("*.md"))
    return [file.read_text().splitlines()[2] for file in files]


def test_a_closed_question_is_not_asked_again(in_conflict: Laptop) -> None:
    in_conflict.run()
    close(in_conflict, 1)

    done = in_conflict.run()

    assert done.returncode == 0
    assert done.stdout.startswith(
        f"Skipped: {in_conflict.pulls}/0001.md was closed without a merge, which skips 1.1.0. To take the"
        " release up again, set `state: open` in it or add --retry to this command.\n"
    )
    assert states(in_conflict) == ["state: closed"]


def test_reopening_takes_it_up_again_with_the_same_question(in_conflict: Laptop) -> None:
    in_conflict.run()
    close(in_conflict, 1)
    in_conflict.run()
    close(in_conflict, 1, state="open")

    told = in_conflict.run_json()

    assert told["outcome"] == "Conflict"
    assert states(in_conflict) == ["state: open"]


def test_a_closed_final_pull_request_is_not_opened_again(laptop: Laptop) -> None:
    laptop.run()
    close(laptop, 1)

    assert laptop.run_json()["outcome"] == "Skipped"
    assert states(laptop) == ["state: closed"]


def test_retry_asks_again_and_the_closed_one_no_longer_skips(in_conflict: Laptop) -> None:
    in_conflict.run()
    close(in_conflict, 1)

    assert in_conflict.run("1.1.0", "--retry").returncode == 3
    assert in_conflict.run_json()["pullRequest"] == str(in_conflict.pulls / "0002.md")
    assert states(in_conflict) == ["state: closed", "state: open"]


@pytest.mark.parametrize("moved", [False, True], ids=["the same commit", "a newer one"])
def test_for_a_branch_only_the_commit_of_the_question_is_skipped(
    laptop: Laptop, *, moved: bool
) -> None:
    upstream = laptop.world.upstream
    laptop.write_plan(
        {"run": "git merge $UPSTREAM_COMMIT"},
        {"action": {"type": "pull-request", "title": "Sync $UPSTREAM_VERSION"}},
        upstream={"name": "forge.test/upstream/project", "branch": "main"},
    )
    words = ("run", laptop.plan, "--forge", laptop.pulls)
    assert laptop.call(*words).returncode == 0
    close(laptop, 1)
    if moved:
        upstream.commit("main", {"later.txt": "x\n"}, message="Later")

    done = laptop.call(*words)

    assert done.stdout.startswith("Synced" if moved else "Skipped")
