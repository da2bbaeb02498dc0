"""After a resolution, the commit is the one that the command would have made without the conflict."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.git.clones import Clone, answer, make_clone, start_over
from tests.git.combinations import GITS, every_git, first_always, in_matrix
from tests.git.debian_gits import programs_of

MESSAGE = "#42: sync\n\n# What\n\nBrings the release.\n\n# Conflicts:\n#\tnone that matter\n"
BASE = {"f.txt": "1\n2\n3\n", "g.txt": "a\nb\nc\n"}

COMMANDS = {
    "merge with a message": f"git merge -m '{MESSAGE}' upstream",
    "merge with a file": "git merge -F ../message upstream",
    "merge with signoff": "git merge --no-edit --signoff upstream",
    "merge with a log": "git merge --no-edit --log --no-ff upstream",
    "merge of a tag": "git tag -a -m '# Notes\n\nOf the tag' v1 upstream\ngit merge --no-edit v1",
    "merge without commit": "git merge --no-commit upstream\ngit commit --no-edit -q",
    "squash": "git merge --squash upstream\ngit commit --no-edit -q",
    "squash with a message": "git merge --squash upstream\ngit commit -q -m '# Squashed'",
    "pull": "git pull -q --no-rebase --no-edit --signoff . upstream",
    "an alias": "git config alias.m 'merge --signoff'\ngit m -m '#1' upstream",
    "merge with a strategy": "git merge -s recursive --no-edit upstream",
    "merge that is edited": "GIT_EDITOR='sed -i -e 1s/^/Edited:/' git merge -e -m '#1 x' upstream",
    "merge that is not edited": f"export GIT_EDITOR=false\ngit merge -m '{MESSAGE}' upstream",
    "merge as in a pod": (
        "export GIT_MERGE_AUTOEDIT=yes GIT_EDITOR=true\n"
        "git tag -a -m 'Notes\n\n# Of the tag' v1 upstream\ngit merge v1"
    ),
    "merge with a setting": "git -c commit.cleanup=strip merge -m x -m '#1' upstream",
    "merge with another comment character": "git -c core.commentChar=';' merge -m '#1' upstream",
    "merge with contrary options": "git merge --no-commit --commit --squash --no-squash --no-edit upstream",
    "merge with shortened options": "git merge --no-edi --sign upstream",
    "merge without commit, shortened": "git merge --no-comm upstream\ngit commit -q -m '#1'",
    "rebase": "git rebase upstream",
    "rebase with a setting": "git config commit.cleanup strip\ngit rebase upstream",
    "rebase that rewords": (
        "export GIT_SEQUENCE_EDITOR='sed -i s/^pick/reword/' GIT_EDITOR='sed -i -e 1s/^/Edited:/'\n"
        "git rebase -q -i upstream"
    ),
    "rebase with signoff": "git rebase --signoff upstream",
    "rebase by patches": "git rebase --apply upstream",
    "pull that rebases": "git pull -q --rebase . upstream",
    "cherry-pick": "git cherry-pick upstream",
    "cherry-pick of several": "git cherry-pick -x begin..upstream",
    "cherry-pick with cleanup": "git cherry-pick --cleanup=strip upstream",
    "cherry-pick that is edited": (
        "GIT_EDITOR='sed -i -e 1s/^/Edited:/' git cherry-pick -e upstream"
    ),
    "cherry-pick with signoff": "git cherry-pick -s upstream",
    "cherry-pick without commit": "git cherry-pick -n upstream\ngit commit -q -m '# Picked'",
    "am": "git format-patch -q -o ../p begin..main\ngit reset -q --hard upstream\ngit am -q -3 -s ../p/*",
    "autosquash": (
        "git commit -q --allow-empty --fixup=HEAD\n"
        "GIT_SEQUENCE_EDITOR=: git rebase -q -i --autosquash upstream"
    ),
}

EVERYWHERE = ("merge with a message", "rebase", "cherry-pick", "am")
"""What `make test` tries with each git."""

COMBINATIONS = [
    in_matrix(git, name, always=git == "machine" or name in EVERYWHERE)
    for git in GITS
    for name in COMMANDS
]


@pytest.fixture(params=first_always(GITS))
def programs(request: pytest.FixtureRequest) -> Path | None:
    return None if request.param == "machine" else programs_of(request.param)


def clone_of(root: Path, programs: Path | None, *, conflict: bool) -> Clone:
    """Return a clone in which both sides change one file, or different ones."""
    root.mkdir()
    changed = "f.txt" if conflict else "g.txt"
    made = make_clone(root, base=BASE, downstream={"d.txt": "d\n"}, upstream={"u.txt": "u\n"})
    made.git("checkout", "-q", "upstream")
    made.commit(f"up {MESSAGE}", {changed: BASE[changed].replace("\n", " up\n")})
    made.git("checkout", "-q", "main")
    made.commit(MESSAGE, {"f.txt": BASE["f.txt"].replace("\n", " down\n")})
    (root / "workspace" / "message").write_text(MESSAGE)
    return replace(made, programs=programs)


def told(clone: Clone, start: str) -> list[str]:
    """Return the author, number of parents and message of each new commit."""
    log = clone.git("log", "--format=%an %ae%n%P%n%B%x00", f"{start}..HEAD", "--not", "upstream")
    commits = []
    for text in log.split("\0")[:-1]:
        author, parents, message = text.lstrip("\n").split("\n", 2)
        message = re.sub(r"\b[0-9a-f]{40}\b", "ID", message)
        commits.append(f"{author} {len(parents.split())}\n{message}")
    return commits


@pytest.mark.parametrize(("programs", "name"), COMBINATIONS, indirect=["programs"])
def test_a_resolution_changes_nothing_but_contents(
    tmp_path: Path, programs: Path | None, name: str
) -> None:
    script = COMMANDS[name]
    clean = clone_of(tmp_path / "clean", programs, conflict=False)
    start = clean.git("rev-parse", "HEAD")
    done = clean.run(script)
    assert done.returncode == 0, done.stderr
    expected = told(clean, start)

    clone = clone_of(tmp_path / "conflict", programs, conflict=True)
    start = clone.git("rev-parse", "HEAD")
    assert clone.run(script).returncode == 10
    answer(clone, {"f.txt": "both\n"})
    start_over(clone, start)
    tag = subprocess.run(["git", "tag", "-d", "v1"], cwd=clone.directory, check=False)
    assert tag.returncode in (0, 1)
    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert clone.read("f.txt") == "both"
    assert told(clone, start) == expected
    assert clone.git("status", "--porcelain") == ""


@every_git
def test_a_revert_keeps_its_message(tmp_path: Path, programs: Path | None) -> None:
    clone = clone_of(tmp_path / "revert", programs, conflict=True)
    carried = clone.git("rev-parse", "HEAD")
    start = clone.commit("On top", {"f.txt": "top\n"})
    clone.run(f"git revert --no-edit {carried}")
    answer(clone, {"f.txt": "reverted\n"})
    start_over(clone, start)

    done = clone.run(f"git revert --no-edit {carried}")

    assert done.returncode == 0, done.stderr
    message = clone.git("log", "-1", "--format=%B").rstrip()
    assert message == f'Revert "#42: sync"\n\nThis reverts commit {carried}.'


@pytest.mark.parametrize("conflicts", ["f.txt", "e.txt"])
@pytest.mark.parametrize("kind", ["squash", "fixup", "amend"])
def test_joined_commits_keep_no_comment_of_git(
    tmp_path: Path, programs: Path | None, kind: str, conflicts: str
) -> None:
    clone = clone_of(tmp_path / "joined", programs, conflict=conflicts == "f.txt")
    clone.git("checkout", "-q", "upstream")
    clone.commit("up", {"e.txt": "up\n"})
    clone.git("checkout", "-q", "main")
    start = clone.commit(f"{kind}! #42: sync\n\nmore", {conflicts: "joined\n"})
    script = "export GIT_EDITOR=true GIT_SEQUENCE_EDITOR=:\ngit rebase -q -i --autosquash upstream"
    rounds = 0
    while (done := clone.run(script)).returncode == 10:
        rounds += 1
        answer(clone, {conflicts: f"answer {rounds}\n"})
        start_over(clone, start)

    assert (done.returncode, rounds > 0) == (0, True), done.stderr
    message = clone.git("log", "-1", "--format=%B")
    assert "\x01" not in message
    assert "combination of" not in message
    assert "commit message" not in message


SIGNER = """#!/bin/sh
cat >/dev/null
echo "$*" >>"${0%/*}/keys"
printf '\\n[GNUPG:] SIG_CREATED \\n' >&2
printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n'
"""


@pytest.mark.parametrize(
    "command",
    ["merge -Skey --no-edit", "rebase -S", "cherry-pick -S", "cherry-pick --gpg-sign=key"],
)
def test_a_commit_that_should_be_signed_is_signed(
    tmp_path: Path, programs: Path | None, command: str
) -> None:
    clone = clone_of(tmp_path / "signed", programs, conflict=True)
    signer = tmp_path / "signer"
    signer.write_text(SIGNER)
    signer.chmod(0o755)
    clone.git("config", "gpg.program", str(signer))
    start = clone.git("rev-parse", "HEAD")
    clone.run(f"git {command} upstream")
    answer(clone, {"f.txt": "both\n"})
    start_over(clone, start)

    done = clone.run(f"git {command} upstream")

    assert done.returncode == 0, done.stderr
    assert "BEGIN PGP SIGNATURE" in clone.git("cat-file", "commit", "HEAD")
    keys = (tmp_path / "keys").read_text().splitlines()
    assert ("key" in keys[-1].split()) is ("key" in command)


CREDITING = (
    *("merge with a message", "merge without commit", "squash", "rebase", "rebase by patches"),
    *("cherry-pick", "am"),
)


@pytest.mark.parametrize("name", CREDITING)
def test_whoever_resolved_the_conflict_is_credited_in_its_commit(tmp_path: Path, name: str) -> None:
    clone = resolved_by_ada(tmp_path, COMMANDS[name])
    log = clone.git("log", "--format=%(trailers:key=Co-authored-by)", "upstream..HEAD")
    assert [it for it in log.splitlines() if it] == ["Co-authored-by: Ada <ada@example.com>"]


@pytest.mark.parametrize("name", ["rebase", "rebase by patches"])
def test_a_line_of_dashes_does_not_end_the_message_that_is_credited(
    tmp_path: Path, name: str
) -> None:
    amend = "git commit -q --amend -m 'Sync\n\n---\n\nBehind the line.'\n"
    clone = resolved_by_ada(tmp_path, amend + COMMANDS[name])

    message = clone.git("log", "-1", "--format=%B")
    assert message.endswith("Behind the line.\n\nCo-authored-by: Ada <ada@example.com>")


@pytest.mark.parametrize("name", ["rebase", "rebase by patches", "cherry-pick"])
def test_an_author_is_not_credited_for_resolving_the_same_commit(tmp_path: Path, name: str) -> None:
    clone = resolved_by_ada(tmp_path, COMMANDS[name], address="ada@example.org")

    assert clone.git("log", "-1", "--format=%an <%ae>") == "Ada <ada@example.org>"
    assert clone.git("log", "--format=%(trailers)", "upstream..HEAD") == ""


def resolved_by_ada(root: Path, script: str, address: str = "ada@example.com") -> Clone:
    """Return a clone in which a script has gone through a conflict that somebody resolved."""
    clone = clone_of(root / "conflict", None, conflict=True)
    start = clone.git("rev-parse", "HEAD")
    assert clone.run(script).returncode == 10
    answer(clone, {"f.txt": "both\n"}, authors=(f"Ada <{address}>",))
    start_over(clone, start)
    done = clone.run(script)
    assert done.returncode == 0, done.stderr
    return clone
