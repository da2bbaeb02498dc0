"""Checkout clones, records the facts, and refuses bad input."""

from pathlib import Path

import pytest

from resync_argo.attempt.checkout.checkout import checkout
from resync_argo.errors import ResyncError, Stalled, Transient
from tests.git.builders import BRANCH, HOST, Run, World
from tests.git.repositories import git


def stalled(run: Run) -> Stalled:
    with pytest.raises(Stalled) as caught:
        checkout(run.attempt)
    return caught.value


def test_clones_the_branch_and_the_tag_and_records_the_facts(world: World) -> None:
    run = world.attempt()

    seen = checkout(run.attempt)

    assert seen.head == world.downstream.tip(BRANCH)
    assert seen.tag == "v1.1.0"
    assert seen.tag_commit == world.upstream.git("rev-parse", "v1.1.0^{commit}")
    assert (seen.previous_tag, seen.previous_version) == ("v1.0.0", "1.0.0")
    assert seen.merge_bases == (world.upstream.git("rev-parse", "v1.0.0"),)
    assert run.attempt.replay_input() == seen


def test_the_steps_get_a_clean_work_tree_on_the_downstreams_branch(world: World) -> None:
    run = world.attempt()

    seen = checkout(run.attempt)

    tree = run.work_tree
    assert git(tree, "symbolic-ref", "HEAD") == f"refs/heads/{BRANCH}"
    assert git(tree, "rev-parse", "HEAD", f"origin/{BRANCH}").split() == [seen.head] * 2
    assert git(tree, "status", "--porcelain") == ""
    assert (tree / "ours.txt").read_text() == "ours\n"


def test_the_name_upstream_is_a_ref_to_the_tag_that_describe_does_not_see(world: World) -> None:
    run = world.attempt()

    seen = checkout(run.attempt)

    tree = run.work_tree
    assert git(tree, "rev-parse", f"{HOST}/upstream/project") == seen.tag_commit
    assert git(tree, "describe", "--tags", seen.tag_commit) == "v1.1.0"


def test_fetches_upstreams_earlier_tags_but_no_later_ones(world: World) -> None:
    world.upstream.tag("v1.2.0", world.upstream.commit("main", {"z": "z"}))
    run = world.attempt()

    checkout(run.attempt)

    assert git(run.work_tree, "tag").split() == ["v1.0.0", "v1.1.0"]


def test_the_steps_clone_shares_no_file_with_ours(world: World) -> None:
    run = world.attempt()

    checkout(run.attempt)

    ours = {f.stat().st_ino for f in run.attempt.layout.repository.rglob("*") if f.is_file()}
    theirs = {f.stat().st_ino for f in run.work_tree.rglob("*") if f.is_file()}
    assert not ours & theirs
    assert not (run.work_tree / ".git" / "objects" / "info" / "alternates").exists()


def test_writes_the_variables_of_the_tag_quoted_for_the_shell(world: World) -> None:
    env = [{"name": "BUMP", "from": ".tag.ref"}, {"name": "OLD", "from": ".tag.previous"}]
    run = world.attempt(
        'echo "$UPSTREAM_TAG $UPSTREAM_VERSION $PREVIOUS_VERSION $DOWNSTREAM_BRANCH" >out; '
        'echo "$PLAN_NAME $BUMP $OLD" >>out; [ "$UPSTREAM_COMMIT" = "$(git rev-parse v1.1.0^0)" ]',
        config={"env": env},
    )
    run.check_out()

    done = run.step()

    assert done.returncode == 0
    assert (run.work_tree / "out").read_text().splitlines() == [
        f"v1.1.0 1.1.0 1.0.0 {BRANCH}",
        "z-release refs/tags/v1.1.0 1.0.0",
    ]


def test_refuses_a_tag_that_moved(world: World) -> None:
    run = world.attempt(parameters={"commit": "1" * 40, "ref": "refs/tags/v1.1.0"})

    refused = stalled(run)

    assert refused.reason == "TagMoved"
    assert "Upstream moved v1.1.0 from 111111111111 to" in str(refused)


def test_reports_a_deleted_tag(world: World) -> None:
    assert stalled(world.attempt(version="1.9.0")).reason == "TagGone"


def test_steps_find_the_upstream_branches_that_the_plan_names(world: World) -> None:
    tip = world.upstream.commit("release-1.1", {"later.txt": "later\n"})
    world.upstream.commit("release-1.2", {"later.txt": "even later\n"})
    world.upstream.commit("other", {"later.txt": "other\n"})
    upstream = {"name": f"{HOST}/upstream/project", "branches": ["release-*"]}
    run = world.attempt(config={"upstream": upstream | {"matchedVersions": ["1.x"]}})

    checkout(run.attempt)

    tree = run.work_tree
    listed = git(tree, "for-each-ref", "--format=%(refname:lstrip=3)", "refs/remotes/upstream")
    assert listed.split() == ["release-1.1", "release-1.2", "v1.1.0"]
    assert git(tree, "rev-parse", "upstream/release-1.1") == tip
    assert git(tree, "log", "--format=%s", "-1", "upstream/release-1.1") == "Change"
    assert "later.txt" in git(tree, "ls-tree", "--name-only", "upstream/release-1.2")


def test_names_a_missing_upstream_branch(world: World) -> None:
    upstream = {"name": f"{HOST}/upstream/project", "branches": ["no-such"]}
    config = {"upstream": upstream | {"matchedVersions": ["1.x"]}}

    refused = stalled(world.attempt(config=config))

    assert refused.reason == "BranchNotFound"
    assert "no-such" in str(refused)


def test_names_a_missing_branch(world: World) -> None:
    downstream = {"name": f"{HOST}/downstream/project", "branch": "release-9"}

    refused = stalled(world.attempt(config={"downstream": downstream}))

    assert refused.reason == "BranchNotFound"
    assert "has no branch `release-9`" in str(refused)
    assert "`config.downstream.branch`" in str(refused)


def test_names_a_missing_downstream_repository(world: World) -> None:
    downstream = {"name": f"{HOST}/downstream/none", "branch": BRANCH}

    refused = stalled(world.attempt(config={"downstream": downstream}))

    assert refused.reason == "RepositoryNotFound"
    assert "downstream/none" in str(refused)


def test_a_missing_upstream_may_come_back(world: World) -> None:
    upstream = {"name": f"{HOST}/upstream/none", "matchedVersions": ["1.x"]}

    with pytest.raises(Transient, match="upstream/none"):
        checkout(world.attempt(config={"upstream": upstream}).attempt)


def test_a_branch_that_looks_like_an_option_is_only_a_name(world: World) -> None:
    downstream = {"name": f"{HOST}/downstream/project", "branch": "--upload-pack=touch x"}

    with pytest.raises(ResyncError):
        checkout(world.attempt(config={"downstream": downstream}).attempt)

    assert not list(world.root.rglob("x"))


def test_a_transport_that_runs_programs_is_refused(world: World, tmp_path: Path) -> None:
    run = world.attempt(hosts={HOST: f"ext::sh -c 'touch {tmp_path}/run' "})

    with pytest.raises(ResyncError):
        checkout(run.attempt)

    assert not (tmp_path / "run").exists()


def test_a_tag_in_the_branch_needs_no_sync_and_steps_say_so(world: World) -> None:
    release = world.upstream.git("rev-parse", "v1.1.0^{commit}")
    world.downstream.git("fetch", "-q", str(world.upstream.path), f"{release}:refs/heads/tmp")
    head = world.downstream.tip(BRANCH)
    assert head is not None
    world.downstream.commit(BRANCH, {"m": "m"}, parents=(head, release))
    run = world.attempt("false")

    seen = checkout(run.attempt)
    done = run.step()

    assert seen.already_synced == f"1.1.0 is contained in the branch {BRANCH}; 1.1.0 needs no sync."
    assert done.returncode == 0
    assert done.stdout.decode().startswith("skipped: 1.1.0 is contained")


def test_a_tag_whose_merge_was_reverted_is_reported_with_what_to_do(world: World) -> None:
    release = world.upstream.git("rev-parse", "v1.1.0^{commit}")
    world.downstream.git("fetch", "-q", str(world.upstream.path), f"{release}:refs/heads/tmp")
    head = world.downstream.tip(BRANCH) or ""
    merge = world.downstream.commit(BRANCH, {"m": "m"}, parents=(head, release))
    revert = world.downstream.commit(
        BRANCH, {"m": None}, message=f'Revert "Merge"\n\nThis reverts commit {merge}.'
    )

    seen = checkout(world.attempt("false").attempt)

    assert seen.already_synced is not None
    assert seen.already_synced.startswith(
        f"1.1.0 is contained in the history of the branch {BRANCH}, but"
    )
    assert f"{revert[:12]} reverted its merge {merge[:12]}" in seen.already_synced
    assert f"`git revert {revert[:12]}`" in seen.already_synced


def test_a_tag_older_than_the_branchs_release_needs_no_sync(world: World) -> None:
    first = world.upstream.git("rev-parse", "v1.0.0")
    patch = world.upstream.commit("stable", {"p": "p"}, parents=(first,))
    world.upstream.tag("v1.0.1", patch)
    release = world.upstream.git("rev-parse", "v1.1.0^{commit}")
    world.downstream.git("fetch", "-q", str(world.upstream.path), f"{release}:refs/heads/tmp")
    head = world.downstream.tip(BRANCH)
    assert head is not None
    world.downstream.commit(BRANCH, {"m": "m"}, parents=(head, release))

    seen = checkout(world.attempt(version="1.0.1").attempt)
    forced = checkout(world.attempt(version="1.0.1", number=2, parameters={"force": True}).attempt)

    assert (seen.already_synced or "").startswith("1.1.0 is contained")
    assert forced.already_synced is None
    assert forced.previous_version == "1.1.0"


def test_the_previous_version_has_its_tag_even_if_the_release_does_not_descend_from_it(
    world: World,
) -> None:
    first = world.upstream.git("rev-parse", "v1.0.0")
    patch = world.upstream.commit("stable", {"p": "p"}, parents=(first,))
    world.upstream.tag("v1.0.1", patch)
    world.downstream.git("fetch", "-q", str(world.upstream.path), f"{patch}:refs/heads/tmp")
    head = world.downstream.tip(BRANCH) or ""
    world.downstream.commit(BRANCH, {"p": "p"}, parents=(head, patch))
    run = world.attempt(
        'git rev-parse "v$PREVIOUS_VERSION^{commit}" >before; '
        '[ "$(git rev-parse "$PREVIOUS_TAG^0")" = "$PREVIOUS_COMMIT" ]'
    )

    run.steps()

    assert (run.work_tree / "before").read_text().strip() == patch


def test_unrelated_histories_have_no_merge_base(world: World) -> None:
    orphan = world.upstream.commit("orphan", {"o": "o"}, parents=())
    world.upstream.tag("v1.3.0", orphan)

    assert checkout(world.attempt(version="1.3.0").attempt).merge_bases == ()


def test_a_merge_of_a_signed_tag_says_nothing_about_the_signature(world: World) -> None:
    commit = world.upstream.git("rev-parse", "v1.1.0^{commit}")
    signed = (
        f"object {commit}\ntype commit\ntag v1.1.0\ntagger A <a@example.com> 1700000000 +0000\n\n"
        "Release notes\n-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n"
    )
    tag = world.upstream.git("mktag", stdin=signed.encode())
    world.upstream.git("update-ref", "refs/tags/v1.1.0", tag)
    run = world.attempt("git merge $UPSTREAM_TAG")

    run.steps()

    message = git(run.work_tree, "log", "-1", "--format=%B").strip()
    assert message == "Merge tag 'v1.1.0' into release-1.0\n\nRelease notes"


def test_a_later_replay_makes_the_same_commits(world: World) -> None:
    scripts = ("git merge $UPSTREAM_REF", "echo x >x; git add x; git commit -qm x")
    heads = []
    for number in (1, 2):
        run = world.attempt(*scripts, number=number)
        run.steps()
        heads.append(git(run.work_tree, "rev-parse", "HEAD"))

    assert heads[0] == heads[1]
