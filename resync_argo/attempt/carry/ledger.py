"""What happened to each carried commit: kept in the volume that steps cannot write to, shown in pull requests."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Literal

from resync_argo.api.meta import Model
from resync_argo.attempt.carry.included import Included, Pick
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.markdown import code, count

MAX_ROWS = 200
MAX_CHARACTERS = 8_000
"""Characters of the ledger's rows in a pull request's body, to leave room for everything else."""

MAX_SUBJECT = 100
MAX_FILES = 5

Fate = Literal["kept", "included", "dropped", "landed upstream", "became empty"]
_ORDER: tuple[Fate, ...] = ("became empty", "landed upstream", "dropped", "included", "kept")


class Entry(Model):
    """What happened to one commit.

    Attributes:
        commit: its id.
        subject: its first line.
        fate: what.
        why: why; "" for a commit kept as it was.
        now: the new commit; None if there is none.
        squashed: it was squashed into a bot's one commit.
        conflicts: its files that collided, or that rules or people decided.
        pull: the included pull request that it is from, as number, title and author; "" for the
            branch's own.
    """

    commit: str
    subject: str
    fate: Fate
    why: str = ""
    now: str | None = None
    squashed: bool = False
    conflicts: tuple[str, ...] = ()
    pull: str = ""


class Ledger(Model):
    """What happened to all of them.

    Attributes:
        entries: in the order in which they are picked.
        last: the merge of the last rebase; None where there was none.
        rest: the commit with changes that belong to no single commit; None if there are none.
        rest_files: its files.
    """

    entries: tuple[Entry, ...] = ()
    last: str | None = None
    rest: str | None = None
    rest_files: tuple[str, ...] = ()


def with_pulls(entries: Iterable[Entry], included: Included) -> list[Entry]:
    """Return the entries, with pull requests' commits under their public ids, and those the branch already had."""
    named = {pick.now: pick for pick in included.picks}
    told = []
    for it in entries:
        pick = named.get(it.commit)
        if pick is None:
            told.append(it)
            continue
        own: dict[str, object] = {"commit": pick.commit, "pull": _named(pick)}
        told.append(it.model_copy(update=own | ({"fate": "included"} if it.fate == "kept" else {})))
    return told + [
        Entry(
            commit=pick.commit,
            subject=pick.subject,
            fate="became empty",
            why="the branch has all of it",
            pull=_named(pick),
        )
        for pick in included.picks
        if pick.now is None
    ]


def _named(pick: Pick) -> str:
    pull = pick.pull
    return f"#{pull.number} {code(pull.title, limit=MAX_SUBJECT)} of {code(pull.author)}"


def save_ledger(attempt: Attempt, ledger: Ledger) -> None:
    """Save what happened to the carried commits in this attempt."""
    _path(attempt).write_text(ledger.model_dump_json())


def load_ledger(attempt: Attempt) -> Ledger | None:
    """Return the saved ledger; None if no step carried anything."""
    try:
        return Ledger.model_validate_json(_path(attempt).read_text())
    except FileNotFoundError:
        return None


def describe_ledger(ledger: Ledger | None) -> str:
    """Return Markdown for a pull request, of at most 10,000 characters; "" if nothing was carried."""
    if ledger is None:
        return ""
    entries = [it for fate in _ORDER for it in ledger.entries if it.fate == fate]
    rows = _fitting([_row(it) for it in entries[:MAX_ROWS]])
    lines = [f"**Carried patches:** {_counts(ledger.entries)}.", *_rest(ledger)]
    if rows:
        lines += ["", "| Commit | What became of it | Now |", "|---|---|---|", *rows]
    if len(entries) > len(rows):
        lines.append(f"\n… and {len(entries) - len(rows)} more; the log of the step names them.")
    return "\n".join(lines)


def log_lines(ledger: Ledger) -> Iterator[str]:
    """Yield a line for the step's log for each commit that was not kept as it is."""
    yield f"carried patches: {_counts(ledger.entries)}"
    for it in ledger.entries:
        if it.fate not in ("kept", "included") or it.why:
            yield f"{it.fate}: {it.commit[:12]} {it.subject[:MAX_SUBJECT]}: {it.why}"


def _counts(entries: Sequence[Entry]) -> str:
    numbers = {fate: sum(it.fate == fate for it in entries) for fate in reversed(_ORDER)}
    told = [f"{number} {fate}" for fate, number in numbers.items() if number]
    return ", ".join(told) or "none"


def _rest(ledger: Ledger) -> list[str]:
    if ledger.rest is None:
        return []
    names = ", ".join(code(it) for it in ledger.rest_files[:MAX_FILES])
    more = len(ledger.rest_files) - MAX_FILES
    also = f" and {more} more" if more > 0 else ""
    files = count(len(ledger.rest_files), "file")
    return [
        "",
        f"{code(ledger.rest[:12])} holds what no single one of them does, such as what merges on the branch"
        f" resolved: {files}, {names}{also}.",
    ]


def _row(entry: Entry) -> str:
    subject = code(entry.subject[:MAX_SUBJECT]).replace("|", "\\|")
    pull = entry.pull.replace("|", "\\|")
    fate = f"{entry.fate} with {pull}" if pull else entry.fate
    what = f"{fate}: {_plain(entry.why)}" if entry.why else fate
    now = code(entry.now[:12]) if entry.now else ""
    return f"| {code(entry.commit[:12])} {subject} | {what}{_conflicts(entry)} | {now} |"


def _conflicts(entry: Entry) -> str:
    if not entry.conflicts:
        return ""
    names = ", ".join(code(it).replace("|", "\\|") for it in entry.conflicts[:MAX_FILES])
    more = len(entry.conflicts) - MAX_FILES
    return f"; conflicted in {names}" + (f" and {more} more" if more > 0 else "")


def _plain(why: str) -> str:
    """Return one of our reasons in which `#1`, an upstream number, does not link to downstream's."""
    return why.replace("#", "pull request ")


def _fitting(rows: Sequence[str]) -> list[str]:
    ends = accumulate(len(row) + 1 for row in rows)
    return [row for row, end in zip(rows, ends, strict=True) if end <= MAX_CHARACTERS]


def _path(attempt: Attempt) -> Path:
    return attempt.layout.trusted / "carries.json"
