"""The replay of bumps whose predecessor was squashed, on a small made-up pair."""

from pathlib import Path

from resync_argo.git import Git
from tests.git.repositories import Repository
from tests.history.processes import squash_all
from tests.history.report import squashed_table
from tests.history.squashed import squash

LINES = "one\n" * 10


def make_pair(root: Path) -> tuple[Path, Path]:
    """Return upstream and downstream; each release and downstream change the same lines."""
    upstream = Repository(root / "upstream")
    first = upstream.commit("main", {"a.txt": LINES, "b.txt": LINES, "c.txt": LINES})
    upstream.tag("v1.0.0", first)
    downstream = Repository(root / "downstream")
    downstream.git("fetch", "--quiet", str(upstream.path), f"{first}:refs/heads/main")
    downstream.commit("main", {"a.txt": "ours\n" + LINES}, message="Carry a patch")
    for version in ("1.1.0", "1.2.0"):
        files = {name: f"{version} {name}\n" + LINES for name in ("b.txt", "c.txt")}
        commit = upstream.commit("main", files, message=version)
        upstream.tag(f"v{version}", commit)
        downstream.git("fetch", "--quiet", str(upstream.path), commit)
        tip = downstream.tip("main") or ""
        downstream.commit("main", files, message=f"Merge {version}", parents=(tip, commit))
        downstream.commit("main", {"a.txt": f"ours since {version}\n" + LINES}, message="Carry")
    return upstream.path, downstream.path


def test_a_record_removes_the_cost_of_a_squash(tmp_path: Path) -> None:
    counted = squash_all(*make_pair(tmp_path))

    (bump,) = counted["each"]
    assert (bump["tag"], bump["before"]) == ("v1.2.0", "v1.1.0")
    assert counted["files"] == {"whole": 0, "without": 2, "recorded": 0, "repaired": 0}
    assert counted["clean"] == {"whole": 1, "without": 0, "recorded": 1, "repaired": 1}
    assert (counted["same"], counted["repaired"]) == (1, 1)
    assert "| v1.2.0 | v1.1.0 | 0 | 2 | 0 | 0 |" in squashed_table(counted)


def test_a_squash_keeps_later_changes_but_not_the_releases_history(
    tmp_path: Path,
) -> None:
    upstream, downstream = make_pair(tmp_path)
    git = Git(directory=downstream)
    release = Git(directory=upstream).text("rev-parse", "v1.1.0")
    merge, tip = (git.text("rev-parse", it) for it in ("main~3", "main~2"))

    made, after = squash(git, merge, tip)

    assert git.text("rev-parse", f"{made}^@") == git.text("rev-parse", f"{merge}^1")
    assert git.text("rev-parse", f"{after}^@") == made
    read = ("log", "--max-count=1", "--format=%T %an %at %B")
    assert git.text(*read, after) == git.text(*read, tip)
    assert git.succeeds("merge-base", "--is-ancestor", release, tip)
    assert not git.succeeds("merge-base", "--is-ancestor", release, after)
