"""Objects come from the steps' clone into ours safely, even from a clone that a hostile step prepared."""

import io
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from resync_argo.attempt.repository import step_objects as objects
from resync_argo.attempt.repository.step_objects import descends_from, take_commits
from resync_argo.attempt.steps.control import MAX_BYTES, Untrustworthy, read, read_commit
from resync_argo.budget import Budget
from resync_argo.git import GitError
from tests.git.builders import BRANCH, Run, World
from tests.git.repositories import git

EVIL = "#!/bin/sh\ntouch {flag}\n"


@pytest.fixture
def run(world: World) -> Run:
    """Return a run whose step committed something, not yet taken."""
    made = world.attempt("git merge $UPSTREAM_REF; echo x >x; git add x; git commit -qm x")
    made.steps()
    return made


def head(run: Run) -> str:
    commit = read_commit(run.control.head)
    assert commit is not None
    return commit


def trusted_has(run: Run, commit: str) -> bool:
    return run.attempt.repository.succeeds("rev-parse", "--quiet", "--verify", f"{commit}^{{tree}}")


def test_takes_a_commit_and_all_its_new_objects(run: Run) -> None:
    take_commits(run.attempt, [head(run)])

    assert run.attempt.repository.text("show", f"{head(run)}:x") == "x"
    assert run.attempt.repository.text("show", f"{head(run)}:new/n.txt") == "n"


def test_takes_packed_objects(run: Run) -> None:
    git(run.work_tree, "-c", "gc.auto=1", "repack", "-adq")

    take_commits(run.attempt, [head(run)])

    assert trusted_has(run, head(run))


def test_a_commit_that_was_taken_before_does_not_need_the_steps_clone(run: Run) -> None:
    commit = head(run)
    take_commits(run.attempt, [commit])
    shutil.rmtree(run.work_tree)

    take_commits(run.attempt, [commit])

    assert trusted_has(run, commit)


def test_a_known_commit_without_its_files_is_taken_with_them(run: Run) -> None:
    known, tree = run.attempt.replay_input().head, git(run.work_tree, "rev-parse", "HEAD^{tree}")
    commit = git(run.work_tree, "commit-tree", "-p", known, "-m", "x", tree)
    content = f"{git(run.work_tree, 'cat-file', 'commit', commit)}\n".encode()
    here = ("hash-object", "-w", "-t", "commit", "--stdin")
    assert git(run.attempt.layout.repository, *here, stdin=content) == commit

    take_commits(run.attempt, [commit])

    assert run.attempt.repository.text("show", f"{commit}:x") == "x"


def test_a_name_with_a_question_mark_is_not_a_missing_object(run: Run) -> None:
    commit = commit_files(run, {"what?": "what\n"})

    take_commits(run.attempt, [commit])

    assert run.attempt.repository.text("show", f"{commit}:what?") == "what"


def commit_files(run: Run, files: Mapping[str, str]) -> str:
    """Commit files as a later step does, by their names and contents."""
    for name, content in files.items():
        (run.work_tree / name).write_text(content)
    git(run.work_tree, "add", "-A")
    git(run.work_tree, "commit", "-qm", "More")
    return git(run.work_tree, "rev-parse", "HEAD")


def commit_with(run: Run, blob: str) -> str:
    """Commit a file whose content may be missing."""
    listing = f"{git(run.work_tree, 'ls-tree', 'HEAD')}\n100644 blob {blob}\told.txt\n"
    tree = git(run.work_tree, "mktree", "--missing", stdin=listing.encode())
    return git(run.work_tree, "commit-tree", "-p", "HEAD", "-m", "Restore", tree)


def test_objects_that_the_partial_clone_left_out_are_distinguished_from_missing_ones(
    world: World,
) -> None:
    """The first needs `clone: Full` in the Plan, the second is a step's fault."""
    before = world.downstream.commit(BRANCH, {"old.txt": "only in history\n"})
    world.downstream.commit(BRANCH, {"old.txt": None})
    run = world.attempt("git merge $UPSTREAM_REF")
    run.steps()

    with pytest.raises(GitError) as told:
        take_commits(
            run.attempt, [commit_with(run, world.downstream.git("rev-parse", f"{before}:old.txt"))]
        )
    assert told.value.lacks_object

    with pytest.raises(Untrustworthy, match="cannot be taken"):
        take_commits(run.attempt, [commit_with(run, "e" * 40)])


def test_a_commit_descends_only_from_its_ancestors(run: Run) -> None:
    git_, commit = run.attempt.repository, head(run)
    take_commits(run.attempt, [commit])
    release = git_.text("rev-parse", "v1.1.0^{commit}")

    assert descends_from(git_, commit, release)
    assert not descends_from(git_, release, commit)


def test_nothing_of_the_workspaces_configuration_is_run(run: Run, tmp_path: Path) -> None:
    flag = tmp_path / "was-run"
    evil = run.work_tree / "evil"
    evil.write_text(EVIL.format(flag=flag))
    evil.chmod(0o755)
    config = run.work_tree / ".git" / "config"
    config.write_text(
        config.read_text()
        + f"[core]\n\tfsmonitor = {evil}\n\tsshCommand = {evil}\n\thooksPath = {run.work_tree}\n"
        f"\tpager = {evil}\n[include]\n\tpath = {evil}\n[uploadpack]\n\tpackObjectsHook = {evil}\n"
        f'[filter "e"]\n\tclean = {evil}\n\tsmudge = {evil}\n\tprocess = {evil}\n'
        f'[remote "resync"]\n\tuploadPack = {evil}\n[merge "e"]\n\tdriver = {evil}\n'
    )
    for hook in ("post-index-change", "pre-push", "reference-transaction", "post-checkout"):
        shutil.copy(evil, run.work_tree / ".git" / hook)
    (run.work_tree / ".gitattributes").write_text("* filter=e merge=e diff=e\n")

    take_commits(run.attempt, [head(run)])

    assert trusted_has(run, head(run))
    assert not flag.exists()


def test_alternates_that_a_step_planted_are_not_followed(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    shutil.move(run.work_tree / ".git" / "objects", other)
    (run.work_tree / ".git" / "objects" / "info").mkdir(parents=True)
    (run.work_tree / ".git" / "objects" / "info" / "alternates").write_text(f"{other}\n")

    with pytest.raises(Untrustworthy):
        take_commits(run.attempt, [head(run)])


@pytest.mark.parametrize("what", ["folder", "file"])
def test_links_to_objects_are_not_followed(run: Run, tmp_path: Path, what: str) -> None:
    commit = head(run)
    linked = run.work_tree / ".git" / "objects" / commit[:2]
    if what == "file":
        linked /= commit[2:]
    shutil.move(linked, tmp_path / "moved")
    linked.symlink_to(tmp_path / "moved")

    with pytest.raises(Untrustworthy):
        take_commits(run.attempt, [commit])


def test_a_fifo_in_place_of_a_folder_of_objects_is_left_out(run: Run) -> None:
    packs = run.work_tree / ".git" / "objects" / "pack"
    shutil.rmtree(packs)
    os.mkfifo(packs)

    take_commits(run.attempt, [head(run)])

    assert trusted_has(run, head(run))


def test_a_fifo_among_the_objects_does_not_block_the_others(run: Run) -> None:
    folder = run.work_tree / ".git" / "objects" / "00"
    folder.mkdir(exist_ok=True)
    os.mkfifo(folder / ("0" * 38))

    take_commits(run.attempt, [head(run)])

    assert trusted_has(run, head(run))


def object_files(folder: Path) -> dict[str, int]:
    """Return the sizes of a repository's object files, by their names."""
    found = [
        *folder.glob("[0-9a-f][0-9a-f]/*"),
        *folder.glob("pack/*.pack"),
        *folder.glob("pack/*.idx"),
    ]
    return {file.name: file.stat().st_size for file in found}


def test_objects_up_to_the_limit_are_taken_and_fetched_ones_do_not_count(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = commit_files(run, {f"{number}": f"{number}\n" for number in range(50)})
    made = object_files(run.work_tree / ".git" / "objects")
    fetched = object_files(run.attempt.layout.repository / "objects")
    new = sum(size for name, size in made.items() if name not in fetched)
    assert sum(made.values()) > new
    for limit, fits in (("MAX_FILES", len(made)), ("MAX_BYTES", new)):
        with monkeypatch.context() as less:
            less.setattr(objects, limit, fits - 1)
            with pytest.raises(Untrustworthy, match=f"more than {fits - 1} "):
                take_commits(run.attempt, [commit])
    monkeypatch.setattr(objects, "MAX_FILES", len(made))
    monkeypatch.setattr(objects, "MAX_BYTES", new)

    take_commits(run.attempt, [commit])

    assert trusted_has(run, commit)


def test_objects_that_exceed_the_limit_when_packed_again_are_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = commit_files(run, {"zeros": "0" * (1 << 20)})
    git(run.attempt.layout.repository, "config", "pack.compression", "0")
    monkeypatch.setattr(objects, "MAX_BYTES", 1 << 19)

    with pytest.raises(Untrustworthy, match="exceeds maximum allowed size"):
        take_commits(run.attempt, [commit])


def test_only_the_names_of_a_commits_files_count(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = commit_files(run, {"žluťoučký": "x\n"})
    names = git(run.work_tree, "ls-tree", "-r", "-z", "--name-only", commit)
    size = len(names.encode())
    with monkeypatch.context() as less:
        less.setattr(objects, "LISTING", Budget(seconds=60, output_bytes=size - 1))
        with pytest.raises(Untrustworthy, match="more files"):
            take_commits(run.attempt, [commit])
    monkeypatch.setattr(objects, "LISTING", Budget(seconds=60, output_bytes=size))

    take_commits(run.attempt, [commit])


def test_too_many_objects_are_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as few:
        few.setattr(objects, "MAX_FILES", 2)
        with pytest.raises(Untrustworthy, match="more than 2 git object files"):
            take_commits(run.attempt, [head(run)])
    with monkeypatch.context() as short:
        short.setattr(objects, "MAX_BYTES", 200)
        with pytest.raises(Untrustworthy, match="more than 200 bytes"):
            take_commits(run.attempt, [head(run)])
    assert not trusted_has(run, head(run))


def test_no_file_stays_open(run: Run) -> None:
    before = len(os.listdir("/proc/self/fd"))

    take_commits(run.attempt, [head(run)])

    assert len(os.listdir("/proc/self/fd")) == before


def test_each_of_several_commits_must_be_complete(run: Run) -> None:
    whole, tree = head(run), git(run.work_tree, "rev-parse", "HEAD^{tree}")
    other = git(run.work_tree, "commit-tree", "-p", whole, "-m", "other", tree)
    take_commits(run.attempt, [whole])

    take_commits(run.attempt, [whole, other])
    assert trusted_has(run, other)

    with pytest.raises(Untrustworthy):
        take_commits(run.attempt, [whole, "e" * 40])


def test_a_repository_that_is_a_link_is_refused(run: Run, tmp_path: Path) -> None:
    shutil.move(run.work_tree / ".git", tmp_path / "git")
    (run.work_tree / ".git").symlink_to(tmp_path / "git")

    with pytest.raises(Untrustworthy, match="no git repository"):
        take_commits(run.attempt, [head(run)])


def test_a_fifo_in_place_of_an_object_does_not_hang(run: Run) -> None:
    commit = head(run)
    file = run.work_tree / ".git" / "objects" / commit[:2] / commit[2:]
    file.unlink()
    os.mkfifo(file)

    with pytest.raises(Untrustworthy):
        take_commits(run.attempt, [commit])


def test_an_object_whose_content_does_not_match_its_id_is_refused(run: Run) -> None:
    commit = head(run)
    stored = run.work_tree / ".git" / "objects"
    parent = git(run.work_tree, "rev-parse", f"{commit}^")
    file = stored / commit[:2] / commit[2:]
    file.chmod(0o644)
    shutil.copy(stored / parent[:2] / parent[2:], file)

    with pytest.raises(Untrustworthy):
        take_commits(run.attempt, [commit])
    assert not trusted_has(run, commit)


def test_a_commit_without_its_files_is_refused(run: Run) -> None:
    commit = head(run)
    blob = git(run.work_tree, "rev-parse", f"{commit}:x")
    (run.work_tree / ".git" / "objects" / blob[:2] / blob[2:]).unlink()

    with pytest.raises(Untrustworthy):
        take_commits(run.attempt, [commit])


def test_replace_refs_grafts_and_shallow_files_change_nothing(run: Run) -> None:
    commit = head(run)
    tree = run.work_tree
    empty = git(tree, "commit-tree", "-m", "other", git(tree, "rev-parse", "v1.0.0^{tree}"))
    git(tree, "update-ref", f"refs/replace/{commit}", empty)
    (tree / ".git" / "shallow").write_text(f"{commit}\n")
    (tree / ".git" / "info").mkdir(exist_ok=True)
    (tree / ".git" / "info" / "grafts").write_text(f"{commit}\n")

    take_commits(run.attempt, [commit])

    repository = run.attempt.repository
    assert repository.text("show", f"{commit}:x") == "x"
    assert repository.text("rev-list", "--count", commit) == "6"


def test_a_tree_with_a_git_folder_in_it_is_refused(run: Run) -> None:
    tree = run.work_tree
    blob = git(tree, "hash-object", "-w", "--stdin", stdin=b"[core]\n")
    inner = git(tree, "mktree", stdin=f"100644 blob {blob}\tconfig\n".encode())
    outer = git(tree, "mktree", stdin=f"040000 tree {inner}\t.git\n".encode())
    commit = git(tree, "commit-tree", "-p", head(run), "-m", "evil", outer)

    with pytest.raises(Untrustworthy):
        take_commits(run.attempt, [commit])


def bomb(repository: Path, parent: str) -> str:
    """Commit ten nested trees, each of which holds the next one ten times: few objects, ten billion files."""
    blob = git(repository, "hash-object", "-w", "--stdin", stdin=b"x\n")
    entries = "".join(f"100644 blob {blob}\tf{n}\n" for n in range(10))
    inner = git(repository, "mktree", stdin=entries.encode())
    for _ in range(9):
        entries = "".join(f"040000 tree {inner}\td{n}\n" for n in range(10))
        inner = git(repository, "mktree", stdin=entries.encode())
    return git(repository, "commit-tree", "-p", parent, "-m", "bomb", inner)


def test_a_commit_with_more_files_than_any_disk_holds_is_refused_at_once(run: Run) -> None:
    commit = bomb(run.work_tree, head(run))

    with pytest.raises(Untrustworthy, match="more files than anybody can use"):
        take_commits(run.attempt, [commit])


def test_a_release_with_more_files_than_any_disk_holds_is_checked_out_and_refused(
    world: World,
) -> None:
    commit = bomb(world.upstream.path, "v1.1.0^{commit}")
    world.upstream.tag("v1.2.0", commit)
    run = world.attempt("true", version="1.2.0")

    assert run.check_out().tag_commit == commit

    with pytest.raises(Untrustworthy, match="more files than anybody can use"):
        take_commits(run.attempt, [commit])


def test_an_endlessly_filled_folder_is_refused(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number:038x}").touch()
    folder = os.open(tmp_path, os.O_RDONLY)

    with pytest.raises(Untrustworthy, match="more than 59 files"):
        objects._names(folder, limit=59)
    assert len(objects._names(folder, limit=60)) == 60
    os.close(folder)


def test_a_file_that_grows_while_it_is_read_is_read_to_its_first_length() -> None:
    for size in (3000, 2 * objects._PIECE + 1):
        source, target = io.BytesIO(b"x" * 5 * size), io.BytesIO()

        objects._copy(source, target, size)

        assert len(target.getvalue()) == size


def test_includes_split_indexes_and_sparse_checkouts_change_nothing(
    run: Run, tmp_path: Path
) -> None:
    tree = run.work_tree
    (tmp_path / "evil").write_text(f"[core]\n\tworktree = {tmp_path}\n\tbare = true\n")
    git(tree, "config", "extensions.worktreeConfig", "true")
    git(tree, "config", "include.path", str(tmp_path / "evil"))
    worktree = "[core]\n\tsparseCheckout = true\n\tsplitIndex = true\n"
    (tree / ".git" / "config.worktree").write_text(worktree)
    (tree / ".git" / "commondir").write_text(f"{tmp_path}\n")
    (tree / ".git" / "info").mkdir(exist_ok=True)
    (tree / ".git" / "info" / "sparse-checkout").write_text("/nothing\n")
    (tree / ".git" / "index").write_bytes(b"DIRC\0\0\0\4evil" + b"\0" * 100)
    os.mkfifo(tree / ".git" / "packed-refs")

    take_commits(run.attempt, [head(run)])

    assert run.attempt.repository.text("show", f"{head(run)}:x") == "x"


def test_a_file_in_place_of_the_repository_is_refused(run: Run, tmp_path: Path) -> None:
    shutil.move(run.work_tree / ".git", tmp_path / "git")
    (run.work_tree / ".git").write_text(f"gitdir: {tmp_path / 'git'}\n")

    with pytest.raises(Untrustworthy, match="no git repository"):
        take_commits(run.attempt, [head(run)])


@pytest.mark.parametrize(
    "content", [b"HEAD\n", b"--upload-pack=x\n", b"", b"a" * 4000, b"0" * 40 + b" x\n"]
)
def test_only_an_object_id_is_read_as_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "head").write_bytes(content)

    with pytest.raises(Untrustworthy):
        read_commit(tmp_path / "head")


def test_a_link_or_a_fifo_is_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("0" * 40)
    (tmp_path / "link").symlink_to(secret)
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").symlink_to(tmp_path)

    for hostile in ("link", "fifo", "folder/secret"):
        with pytest.raises(Untrustworthy):
            read(tmp_path / hostile)


def test_no_more_is_read_than_the_limit(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(MAX_BYTES * 50)

    assert len(read(tmp_path / "big") or b"") == MAX_BYTES


def test_a_repository_full_of_refs_costs_nothing(run: Run) -> None:
    commit = head(run)
    refs = "".join(f"create refs/heads/{'x' * 80}{n} {commit}\n" for n in range(5000))
    subprocess.run(
        ["git", "update-ref", "--stdin"], cwd=run.work_tree, input=refs.encode(), check=True
    )

    take_commits(run.attempt, [commit])

    assert len(run.attempt.repository.text("for-each-ref").splitlines()) < 10
