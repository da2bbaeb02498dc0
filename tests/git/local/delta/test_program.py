"""`resync-argo delta` lists a fork's own commits, from real repositories."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.git.builders import BRANCH, HOST
from tests.git.carries import CARRY_STEP, Fork, changed, laptop_for, make_fork
from tests.git.local_runs import MERGE, Laptop
from tests.git.repositories import git
from tests.git.squashes import bring


@dataclass(kw_only=True)
class Owner:
    """A person with a laptop, and the fork that they look at."""

    fork: Fork
    laptop: Laptop = field(init=False)

    def __post_init__(self) -> None:
        self.plan(CARRY_STEP)

    def plan(self, step: dict[str, str], **config: object) -> None:
        self.laptop = laptop_for(self.fork, step, **config)

    def look(self) -> dict[str, Any]:
        return look(self.laptop)


@pytest.fixture
def owner(tmp_path: Path) -> Owner:
    return Owner(fork=make_fork(tmp_path))


def look(laptop: Laptop) -> dict[str, Any]:
    done = laptop.call("delta", laptop.plan, "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def fates(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(it["subject"], it["fate"]) for it in found["commits"]]


def test_carried_patches_are_listed_with_the_fates_of_git_carry(owner: Owner) -> None:
    fork = owner.fork
    kept = fork.carry("UPSTREAM: <carry>: keep", {"f.txt": changed(2, 3, by="kept"), "k": "1\n2\n"})
    fork.carry("UPSTREAM: <drop>: generated", {"gen.txt": "x\n"})
    fork.carry("UPSTREAM: 12: fix it", {"fix.txt": "as it was proposed\n"})
    fork.carry("UPSTREAM: <carry>: the same", {"g.txt": changed(9, by="both")})
    fork.carry("UPSTREAM: what is that", {"what.txt": "?\n"})
    fork.release("1.1.0", {"fix.txt": "as it was merged\n"}, "Fix it (#12)")
    fork.release("1.2.0", {"g.txt": changed(9, by="both")})

    found = owner.look()

    assert fates(found) == [
        ("UPSTREAM: <carry>: keep", "kept"),
        ("UPSTREAM: <drop>: generated", "dropped"),
        ("UPSTREAM: 12: fix it", "landed upstream"),
        ("UPSTREAM: <carry>: the same", "landed upstream"),
        ("UPSTREAM: what is that", "unclear"),
    ]
    why = [it["why"] for it in found["commits"]]
    assert (why[0], why[1]) == ("", "its subject says so")
    assert "v1.2.0 has #12, by " in why[2]
    assert "v1.2.0 has the same patch" in why[3]
    assert "has a tag that the Plan does not know" in why[4]
    first = found["commits"][0]
    assert (first["commit"], first["author"], first["email"]) == (kept, "Ada", "ada@example.org")
    assert (first["files"], first["added"], first["deleted"]) == (2, 4, 2)
    assert first["time"].startswith("2020-09-13T")
    assert first["ageDays"] > 1_800
    assert found["totals"] == {"commits": 5, "files": 6, "added": 8, "deleted": 3}
    assert found["byFate"]["landed upstream"]["commits"] == 2
    assert (found["contained"], found["release"], found["last"]) == ("1.0.0", "1.2.0", None)


def test_it_lists_what_the_run_carries_and_writes_nowhere(owner: Owner) -> None:
    fork = owner.fork
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.release("1.1.0", {"new.txt": "new\n"})
    fork.rebase("1.1.0")
    fork.carry("UPSTREAM: <carry>: two", {"two.txt": "2\n"})
    before = [it.git("for-each-ref") for it in (fork.world.upstream, fork.downstream)]
    at_rest = owner.look()
    after = [it.git("for-each-ref") for it in (fork.world.upstream, fork.downstream)]
    fork.release("1.2.0", {"new.txt": "newer\n"})

    found = owner.look()
    fork.rebase("1.2.0")

    subjects = ["UPSTREAM: <carry>: one", "UPSTREAM: <carry>: two"]
    assert [it.subject for it in fork.ledger().entries] == subjects
    assert [it[0] for it in fates(found)] == subjects
    assert found["last"] == fork.ledger().last
    assert [it[0] for it in fates(at_rest)] == subjects, "also when there is nothing to sync"
    assert after == before
    assert owner.laptop.left_behind() == []


def test_refusals_of_git_carry_are_listed_beside_the_carried_patches(owner: Owner) -> None:
    fork = owner.fork
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.release("1.1.0", {"new.txt": "new\n"})
    fork.rebase("1.1.0")
    upstream = fork.world.upstream
    upstream.git("branch", "--force", "other", "v1.0.0")
    upstream.tag("v1.2.0", upstream.commit("other", {"other.txt": "other\n"}))

    found = owner.look()

    assert fates(found) == [("UPSTREAM: <carry>: one", "kept")]
    assert found["release"] == "1.1.0"
    assert "cannot bring 1.2.0 yet" in found["notes"][0]
    assert "git carry --since" in found["notes"][0]
    assert found["notes"][0] in " ".join(
        owner.laptop.call("delta", owner.laptop.plan).stdout.split()
    )


def test_a_merge_that_only_a_replay_can_classify_is_not_a_rebase(owner: Owner) -> None:
    fork = owner.fork
    fork.downstream.git("branch", "feature", BRANCH)
    fork.carry("UPSTREAM: <carry>: two", {"f.txt": changed(2, by="ours")})
    fork.carry("UPSTREAM: <carry>: both", {"f.txt": changed(2, 20, by="ours")}, branch="feature")
    fork.merge("feature", "Merge a feature, whose files are just what git makes of both")
    fork.release("1.1.0", {"new.txt": "new\n"})

    found = owner.look()

    assert {it[1] for it in fates(found)} == {"kept"}
    assert len(found["commits"]) == 2


def test_a_merging_fork_lists_all_commits_that_none_of_its_releases_has(owner: Owner) -> None:
    fork = owner.fork
    owner.plan(MERGE)
    upstream = fork.world.upstream
    upstream.git("branch", "patches", "v1.0.0")
    patch = upstream.commit("patches", {"patch.txt": "p\n"}, message="Upstream's own patch")
    upstream.tag("v1.0.1", patch)
    fork.carry("Carry a line", {"f.txt": changed(2, by="ours")})
    fork.downstream.git("fetch", "-q", str(upstream.path), f"{patch}:refs/heads/upstream")
    fork.merge("upstream", "Merge v1.0.1")
    fork.carry("UPSTREAM: <drop>: nobody drops it", {"gen.txt": "x\n"})
    fork.carry("Send it upstream", {"g.txt": changed(9, by="both")})
    fork.carry("For a while", {"while.txt": "w\n"})
    undone = fork.downstream.tip(BRANCH)
    fork.carry('Revert "For a while"\n\nThis reverts commit ' + f"{undone}.", {"while.txt": None})
    landed = fork.release("1.1.0", {"g.txt": changed(9, by="both")})
    fork.downstream.git("fetch", "-q", str(upstream.path), f"{landed}:refs/heads/landed")
    fork.merge("landed", "Merge v1.1.0")

    found = owner.look()

    assert fates(found) == [
        ("Carry a line", "kept"),
        ("UPSTREAM: <drop>: nobody drops it", "kept"),
        ("Send it upstream", "landed upstream"),
        ("For a while", "without effect"),
        ('Revert "For a while"', "without effect"),
    ]
    assert found["commits"][2]["why"] == f"v1.1.0 has the same patch, {landed[:12]}"
    assert (found["operation"], found["contained"]) == ("merge", "1.1.0")


def test_a_squashed_release_is_not_the_forks_own_once_it_is_recorded(laptop: Laptop) -> None:
    told = bring(laptop.world, squash=True)
    before = fates(look(laptop))
    told.record()

    after = fates(look(laptop))

    assert ("Sync to 1.1.0 (#1)", "kept") in before
    assert [it[0] for it in after] == ["Carry a patch", "Carry a line"]


def test_text_has_at_most_100_columns_and_no_control_characters(owner: Owner) -> None:
    long = "UPSTREAM: <carry>: " + "宽" * 60 + " \x1b[31mred\u202e"
    owner.fork.carry(long, {"one.txt": "1\n"})
    owner.fork.carry("UPSTREAM: odd " + "宽" * 90, {"two.txt": "2\n"}, author="a\x1b[2Jb")
    owner.fork.release("1.1.0", {"new.txt": "new\n"})

    text = owner.laptop.call("delta", owner.laptop.plan).stdout

    assert max(cell_len(line) for line in text.splitlines()) <= 100
    assert not [it for it in text if not it.isprintable() and it != "\n"]
    assert "…" in text
    assert re.search(r"^ {15}a\?\[2Jb, \d+ years ago; 1 file, \+1 -0 lines$", text, re.M)
    assert "Unclear: 1 commit, 1 file, +1 -0 lines\n" in text
    assert text.endswith("In all: 2 commits, 2 files, +2 -0 lines\n")


def test_markdown_keeps_names_in_their_cells(owner: Owner) -> None:
    owner.fork.carry("UPSTREAM: <carry>: a|b `c` @ada #1", {"one.txt": "1\n"})
    owner.fork.release("1.1.0", {"new.txt": "new\n"})

    (row,) = [
        line
        for line in owner.laptop.call(
            "delta", owner.laptop.plan, "--format", "markdown"
        ).stdout.splitlines()
        if "<carry>" in line
    ]

    assert "`UPSTREAM: <carry>: a\\|b 'c' @ada #1` | `Ada` |" in row
    assert row.endswith("| 1 | +1 -0 | kept |")


def test_a_plan_that_follows_a_branch_is_compared_with_its_newest_commit(owner: Owner) -> None:
    upstream = {"name": f"{HOST}/upstream/project", "branch": "main"}
    owner.plan(CARRY_STEP, upstream=upstream)
    owner.fork.carry("UPSTREAM: 12: fix it", {"fix.txt": "as it was proposed\n"})
    owner.fork.world.upstream.commit("main", {"fix.txt": "fix\n"}, message="Fix it (#12)")

    assert fates(owner.look()) == [("UPSTREAM: 12: fix it", "landed upstream")]


def test_a_fork_without_a_commit_of_its_own_has_none(owner: Owner) -> None:
    owner.fork.release("1.1.0", {"new.txt": "new\n"})

    assert owner.look()["commits"] == []
    assert "no commit of its own" in owner.laptop.call("delta", owner.laptop.plan).stdout


def test_an_upstream_without_a_release_of_the_range_is_one_sentence(owner: Owner) -> None:
    owner.plan(
        CARRY_STEP, upstream={"name": f"{HOST}/upstream/project", "matchedVersions": ["7.x"]}
    )

    done = owner.laptop.call("delta", owner.laptop.plan)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no release that the Plan wants" in done.stderr


def test_only_compared_contents_are_fetched(owner: Owner) -> None:
    owner.fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    owner.fork.release("1.1.0", {"large.txt": "nobody compares it\n"})

    owner.look()

    (clone,) = (owner.laptop.root / ".cache" / "resync-argo").glob("*/repository.git")
    large = owner.fork.world.upstream.git("rev-parse", "main:large.txt")
    one = owner.fork.downstream.git("rev-parse", f"{BRANCH}:one.txt")
    have = git(clone, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()
    assert one in have
    assert large not in have
