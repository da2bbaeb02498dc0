"""The history replay on a small made-up pair: a clean bump, one with a conflict, and one with other changes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.git.repositories import Repository, git
from tests.history.processes import replay_all

ROOT = Path(__file__).parents[3]
RULES = [{"paths": ["VERSION"], "resolve": "Upstream"}]
LINES = "one\n" * 10


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Return upstream and downstream; the downstream merged 1.1.0, 1.2.0 and 1.3.0."""
    upstream = Repository(tmp_path / "upstream")
    before = upstream.commit("main", {"VERSION": "0\n", "a.txt": LINES})
    released = upstream.commit("release", {"VERSION": "1.0.0\n", "a.txt": LINES}, parents=(before,))
    # Upstream merges its own release, which is not a bump of downstream's.
    first = upstream.commit("main", {"VERSION": "1.0.0\n"}, parents=(before, released))
    releases = {"1.0.0": released}
    for version, files in (
        ("1.1.0", {"b.txt": "b\n"}),
        ("1.2.0", {"VERSION": "1.2.0\n", "a.txt": "upstream\n" + LINES}),
        ("1.3.0", {"a.txt": "upstream again\n" + LINES}),
    ):
        releases[version] = upstream.commit("main", files, message=version)
    for version, commit in releases.items():
        upstream.tag(f"v{version}", commit)
    downstream = Repository(tmp_path / "downstream")
    downstream.git("fetch", "--quiet", str(upstream.path), "+refs/heads/main:refs/heads/upstream")
    downstream.git("update-ref", "refs/heads/main", first)
    merge(downstream, releases["1.1.0"], {"b.txt": "b\n"})
    downstream.commit("main", {"VERSION": "1.1.0-d\n", "a.txt": "downstream\n" + LINES})
    merge(downstream, releases["1.2.0"], {"VERSION": "1.2.0\n", "a.txt": "both\n" + LINES})
    merge(downstream, releases["1.3.0"], {"a.txt": "all\n" + LINES, "beside.txt": "beside\n"})
    return upstream.path, downstream.path


def merge(downstream: Repository, commit: str, files: dict[str, str]) -> None:
    tip = downstream.tip("main")
    assert tip is not None
    downstream.commit("main", files, message="Merge", parents=(tip, commit))


def test_every_bump_is_reproduced_and_forecast_rightly(pair: tuple[Path, Path]) -> None:
    counted = replay_all(*pair, [])

    assert [it["version"] for it in counted["each"]] == ["1.1.0", "1.2.0", "1.3.0"]
    assert [it["conflicts"] for it in counted["each"]] == [[], ["VERSION", "a.txt"], ["a.txt"]]
    assert [it["beside"] for it in counted["each"]] == [0, 0, 1]
    assert (counted["clean"], counted["byPerson"]) == (1, 2)
    assert (counted["hunks"], counted["differing"]) == (3, 0)
    assert counted["reproduced"] == counted["agreed"] == counted["bumps"] == 3


def test_rules_settle_their_files_and_wrong_ones_are_counted(pair: tuple[Path, Path]) -> None:
    everything = [{"paths": ["**"], "resolve": "Downstream"}]

    some, all_of_it = replay_all(*pair, RULES), replay_all(*pair, everything)

    assert (some["byRules"], some["filesByRules"], some["wrong"]) == (0, 1, 0)
    assert (all_of_it["byRules"], all_of_it["filesByRules"], all_of_it["wrong"]) == (2, 3, 3)


def test_the_program_prints_a_table(pair: tuple[Path, Path]) -> None:
    upstream, downstream = pair

    done = subprocess.run(
        [sys.executable, "-m", "tests.history", upstream, downstream, "--only", "v1.1.0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "| v1.1.0 | 0 | 0 | yes | yes | 0 | 0 |" in done.stdout
    assert "1 bumps: 0 unreadable, 1 clean" in done.stdout


def test_a_bump_that_cannot_be_replayed_is_counted_separately(pair: tuple[Path, Path]) -> None:
    upstream, downstream = pair
    blob = git(upstream, "rev-parse", "v1.2.0:a.txt")
    (upstream / "objects" / blob[:2] / blob[2:]).unlink()

    counted = replay_all(upstream, downstream, [])

    assert [it["version"] for it in counted["each"]] == ["1.1.0", "1.3.0"]
    assert [it["tag"] for it in counted["unreadable"]] == ["v1.2.0"]
    assert (counted["bumps"], counted["clean"]) == (3, 1)


PLAN = """
apiVersion: resync.openshift.io/v1alpha1
kind: Plan
metadata: {name: any}
spec:
  config:
    upstream: {name: github.com/a/b, matchedVersions: [1.x]}
    downstream: {name: github.com/c/d, branch: main}
    image: any
    github: {credentials: {secretSelector: any}}
    conflicts: CONFLICTS
  steps:
    - run: git merge --no-edit "$UPSTREAM_TAG"
    - action: {type: pull-request, title: Any}
"""


def test_plans_are_compared_by_peoples_results(pair: tuple[Path, Path], tmp_path: Path) -> None:
    upstream, downstream = pair
    rules = {
        "nothing": "[]",
        "wrong": '[{paths: ["**"], resolve: Downstream}]',
    }
    files = [tmp_path / f"{name}.yaml" for name in rules]
    for file in files:
        file.write_text(PLAN.replace("CONFLICTS", rules[file.stem]))

    counted = tmp_path / "counted.json"
    reasons = tmp_path / "reasons.yaml"
    reasons.write_text("[{release: v1.3.0, paths: ['*.txt'], why: a reason}]")
    words: list[str | Path] = [sys.executable, "-m", "tests.history.plans", upstream, downstream]
    words += [*files, "--json", counted, "--reasons", reasons]

    first, second = (
        subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False) for _ in "12"
    )

    assert first.returncode == 0, first.stderr
    assert "3 bumps: 0 unreadable, 1 clean; 3 files in conflict." in first.stdout
    assert "| nothing | 3 | 1 (33 %) | 1 (33 %) | 0 | 0 | 0 (0; 0) | 1 (33 %) |" in first.stdout
    assert "| wrong | 3 | 3 (100 %) | 1 (33 %) | 0 | 3 | 3 (3; 2) | 1 (33 %) |" in first.stdout
    assert "- wrong, v1.2.0: VERSION (2 lines), a.txt (2 lines): **unexplained**" in first.stdout
    assert "- wrong, v1.3.0: a.txt (2 lines): a reason" in first.stdout
    assert (second.stdout, second.stderr) == (first.stdout, "")
