"""The text of a conflict pull request: what conflicts, why, how to resolve it, what happens next. Pure.

In: the record of the conflict and facts about its files. Out: Markdown within GitHub's limit
("Create a pull request", `body`), however many files there are. Untrusted text is in code spans, so
it mentions nobody and links nowhere.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from resync_argo.attempt.carry.included import Included
from resync_argo.attempt.conflict.history import Commit
from resync_argo.attempt.conflict.table import Rows, conflict_table, show_commit, show_path
from resync_argo.attempt.markdown import MAX_TITLE, code
from resync_argo.attempt.recipe import Recipe
from resync_argo.conflicts.markers import STUB_SUFFIX
from resync_argo.conflicts.record import ConflictPath, Entry, Record

MAX_NOTES = 4_000
MAX_LISTED = 50
MAX_COMMANDS = 8_000

_COMMANDS = {"index": "a command", "regenerate": "the tool"}
"""Operations that are not git commands."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The progress of an operation that works commit by commit.

    Attributes:
        commit: the one at which it stopped.
        number: its number, from 1; 0 if unknown.
        total: the number of commits.
    """

    commit: Commit
    number: int = 0
    total: int = 0


@dataclass(frozen=True, kw_only=True)
class ConflictFacts:
    """The text's data.

    Attributes:
        record: of the conflict.
        upstream: `host/owner/name`.
        version: the one being synced.
        branch: the downstream branch.
        branch_of: `host/owner/name` of its repository.
        step: name of the step that stopped.
        recipe: how to resolve it in a clone.
        rows: of the table.
        base: the base commit.
        marked: the paths that are shown with marker lines.
        shown: the commit that shows marker lines also for files with a proposal.
        progress: the commit that stopped a rebase or a pick.
        decisions: Markdown about earlier decisions.
        notes: sentences about earlier answers.
        run_url: address of the run; None without one.
    """

    record: Record
    upstream: str
    version: str
    branch: str
    branch_of: str
    step: str
    recipe: Recipe
    rows: Rows
    base: str
    marked: frozenset[bytes]
    shown: str
    progress: Progress | None = None
    decisions: str = ""
    notes: tuple[str, ...] = ()
    run_url: str | None = None


def conflict_title(facts: ConflictFacts) -> str:
    """Return the title."""
    count = len(facts.record.conflict.paths)
    name = facts.upstream.rpartition("/")[2]
    files = "a conflict" if count == 1 else f"conflicts in {count} files"
    return f"Resolve {files}: {name} {facts.version} into {facts.branch}"[:MAX_TITLE]


def conflict_body(facts: ConflictFacts) -> str:
    """Return the body, at most 65,536 characters."""
    parts = [
        facts.decisions,
        _introduction(facts),
        _proposed(facts),
        "\n\n".join(facts.notes)[:MAX_NOTES],
        conflict_table(facts.rows),
        _browser(facts),
        _laptop(facts),
        _take_a_side(facts),
        _afterwards(facts),
        f"[The run]({facts.run_url})" if facts.run_url else "",
    ]
    return "\n\n".join(part for part in parts if part)


def collided_notes(
    paths: tuple[ConflictPath, ...], included: Included | None, branch: str
) -> Iterator[str]:
    """List the paths in which included pull requests differ from the branch."""
    for path in paths:
        if included is not None and path.path in included.unclear:
            pulls = " and ".join(f"#{it.number}" for it in included.touching(path.path))
            yield (
                f"{show_path(path.path)} is downstream's with the lines of {pulls}, which collide with those of"
                f" {code(branch)}: compare the two."
            )


def refused_notes(refused: Mapping[bytes, str]) -> Iterator[str]:
    """Explain why tools propose nothing for some paths."""
    for path, why in refused.items():
        yield f"Nothing is proposed for {show_path(path)}: the tool that the Plan names was asked, but {why}."


def unresolved_comment(left: Sequence[bytes]) -> str:
    """Return the comment on a merged pull request that left its conflict unresolved."""
    lines = [f"- {show_path(path)}" for path in left[:MAX_LISTED]]
    if len(left) > MAX_LISTED:
        lines.append(f"- … and {len(left) - MAX_LISTED} more")
    return "\n".join(
        [
            "This was merged while some files still had conflict markers or a"
            f" `{STUB_SUFFIX.decode()}` file beside them. What was resolved is used; a new pull"
            " request asks for the rest:",
            "",
            *lines,
        ]
    )


def _introduction(facts: ConflictFacts) -> str:
    count = len(facts.record.conflict.paths)
    files = "one file" if count == 1 else f"{count} files"
    operation = facts.record.conflict.operation
    command = _COMMANDS.get(operation, f"`git {operation}`")
    return (
        f"While bringing {code(facts.upstream)} {code(facts.version)} into {code(facts.branch)},"
        f" {command} in step {code(facts.step)} met a conflict in {files}{_stopped(facts)}. This"
        " pull request shows only that: everything else was merged and is not repeated here."
    )


def _proposed(facts: ConflictFacts) -> str:
    count = len(facts.rows.proposed)
    if not count:
        return ""
    files = "One file below is" if count == 1 else f"{count} files below are"
    return (
        f"**{files} proposed by a tool** that the Plan names; nobody has reviewed the proposal. Check each such file, and"
        " correct it where necessary. Then delete its first line, which marks it as proposed: while that line is"
        " there, the file counts as unresolved, even if this is merged."
        f" `git checkout {facts.shown} -- PATH` brings back git's marker lines."
    )


def _stopped(facts: ConflictFacts) -> str:
    progress = facts.progress
    if progress is None:
        return ""
    far = f" ({progress.number} of {progress.total})" if progress.total else ""
    return f", at the commit {show_commit(progress.commit, facts.rows.repositories[0])}{far}"


def _take_a_side(facts: ConflictFacts) -> str:
    """Return a command for each side of each file, as far as space permits."""
    lines: list[str] = []
    for path in facts.record.conflict.paths:
        names = {name: _word(name) for name in path.names}
        if path.path not in facts.marked or None in names.values():
            continue
        lines.append(_take(path, path.downstream, facts.base) + "    # downstream's")
        lines.append(_take(path, path.upstream, f"{facts.base}^2") + "  # upstream's")
        if sum(map(len, lines)) > MAX_COMMANDS or len(lines) > MAX_LISTED:
            break
    if not lines:
        return ""
    return (
        "<details><summary>Take a side of a whole file</summary>\n\nRun these in the work tree that the"
        " commands above create. A stub holds the commands for its own file.\n\n```sh\n"
        + "\n".join(lines)
        + "\n```\n\n</details>"
    )


def _take(path: ConflictPath, own: Mapping[bytes, Entry], commit: str) -> str:
    """Return the command that replaces a file with marker lines by a side's file."""
    words = " ".join(_word(name) or "" for name in own)
    gone = f"git rm -q -- {_word(path.path)} && " if path.path not in own else ""
    return f"{gone}git checkout {commit} -- {words}"


def _word(path: bytes) -> str | None:
    """Return a path as one shell word; None if a line of text cannot hold it."""
    try:
        text = path.decode()
    except UnicodeDecodeError:
        return None
    return shlex.quote(text) if text.isprintable() and "`" not in text else None


def _browser(facts: ConflictFacts) -> str:
    if facts.recipe.folder is not None:
        return ""
    key = facts.record.key
    return (
        "### In the browser\n\n"
        "In *Files changed*, open the menu of a file and choose *Edit file*. Edit the file until it is"
        f" correct: remove the marker lines (`<<<<<<<`, `|||||||`, `=======`, `>>>>>>>`, with"
        f" `(resync {key})` in them) and what both sides started from (between `|||||||` and"
        " `=======`). Commit to this pull request's branch. A file that"
        f" ends in `{STUB_SUFFIX.decode()}` stands for a conflict that markers cannot show; it says"
        " what to do: delete it when that is done. The check `resync/resolution` turns green"
        " when nothing is left."
    )


def _laptop(facts: ConflictFacts) -> str:
    recipe = facts.recipe
    where = "" if recipe.folder is not None else f"In a clone of {code(facts.branch_of)}:\n\n"
    return f"### On a laptop\n\n{where}```sh\n" + "\n".join(recipe.commands) + "\n```"


def _afterwards(facts: ConflictFacts) -> str:
    version = code(facts.version)
    if facts.recipe.folder is None:
        then = "Merge this pull request, using any merge method. The sync starts again by itself, takes"
        closing = f"Closing this without a merge skips {version}; reopening it resumes the sync."
    else:
        then = "The push above merges it. Run the same command again: it starts over, takes"
        closing = (
            f"Setting `state: closed` at the top of this file skips {version}; `state: open` resumes"
            " the sync."
        )
    return (
        f"### Then\n\n{then} over everything that you changed here (including files that were not in"
        " conflict), and goes on with its next step; your resolution becomes part of its own commit."
        f" {closing}"
    )
