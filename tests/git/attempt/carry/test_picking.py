"""Each patch is picked with its own lines, whichever side wins in the end."""

from pathlib import Path

import pytest

from tests.git.builders import BRANCH
from tests.git.carries import Fork, changed, make_fork, picked
from tests.git.repositories import git

BOT = "bot@example.com"


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    return make_fork(tmp_path)


def test_who_resolved_a_patch_in_an_older_encoding_is_credited_in_utf8(fork: Fork) -> None:
    made = fork.carry("UPSTREAM: <carry>: Größe", {"f.txt": changed(5, by="ours")}, author="bob")
    text = fork.downstream.git("cat-file", "commit", made).replace("author bob", "author Jürgen")
    header, _, message = text.partition("\n\n")
    stored = f"{header}\nencoding ISO-8859-1\n\n{message}\n".encode("iso-8859-1")
    commit = fork.downstream.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=stored)
    fork.downstream.git("update-ref", f"refs/heads/{BRANCH}", commit)
    fork.release("1.1.0", {"f.txt": changed(5, by="theirs")})
    fork.story.resolve(fork.story.conflict(), {"f.txt": changed(5, by="both")})
    clone = fork.story.finish()
    assert git(clone, "log", "-1", "--format=%an%n%e%n%B").strip().split("\n") == [
        *("Jürgen", "", "UPSTREAM: <carry>: Größe", ""),
        "Co-authored-by: Ada <ada@example.org>",
    ]


def test_a_bots_commits_that_take_each_other_back_are_told_as_that(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.carry("Bump it", {"version.txt": "2\n"}, author=BOT)
    fork.carry("Do not", {"version.txt": None}, author=BOT)
    fork.configure(squash=[BOT])
    fork.release("1.1.0", {"new.txt": "new\n"})
    assert picked(fork.rebase()) == ["UPSTREAM: <carry>: one"]
    assert [(it.fate, it.why) for it in fork.ledger().entries] == [
        ("kept", ""),
        *[("became empty", "the bot's commits cancel each other out")] * 2,
    ]


def test_with_a_preferred_side_patches_keep_their_lines_and_list_the_collisions(
    fork: Fork,
) -> None:
    fork.carry("UPSTREAM: <carry>: five", {"f.txt": changed(5, by="ours")})
    fork.release("1.1.0", {"f.txt": changed(5, by="theirs")})
    fork.story.scripts = ("git carry -Xours",)
    clone = fork.rebase()
    assert picked(clone) == ["UPSTREAM: <carry>: five"]
    assert git(clone, "show", "HEAD:f.txt") == changed(5, by="ours").rstrip("\n")
    (entry,) = fork.ledger().entries
    assert (entry.fate, entry.conflicts) == ("kept", ("f.txt",))
    assert fork.ledger().rest is None


def test_a_conflict_amid_a_bots_commits_is_one_question_and_one_commit(fork: Fork) -> None:
    fork.carry("Bump one", {"f.txt": changed(5, by="bot")}, author=BOT)
    fork.carry("Bump two", {"f.txt": changed(5, 15, by="bot")}, author=BOT)
    fork.carry("UPSTREAM: <carry>: by a person", {"f.txt": changed(5, 15, 25, by="bot")})
    fork.carry("Bump three", {"three.txt": "3\n"}, author=BOT)
    fork.configure(squash=[BOT])
    fork.release("1.1.0", {"f.txt": changed(15, by="theirs")})
    pull = fork.story.conflict()
    assert "f.txt" in pull.body
    answer = changed(5, 15, 25, by="both")
    fork.story.resolve(pull, {"f.txt": answer})
    clone = fork.story.finish()
    fork.land(clone)
    assert picked(clone) == ["UPSTREAM: <carry>: by a person", "Bump three"]
    assert git(clone, "show", "HEAD:f.txt") == answer.rstrip("\n")
    assert git(clone, "show", "HEAD:three.txt") == "3"
