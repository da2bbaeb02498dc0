"""The table of a conflict pull request: each place in conflict, and the commits that collide there. Pure.

Untrusted text is in code spans, so it mentions nobody and links nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from resync_argo.attempt.conflict.collisions import Collision
from resync_argo.attempt.conflict.history import Commit
from resync_argo.attempt.markdown import code
from resync_argo.conflicts.quoting import quote
from resync_argo.conflicts.record import ConflictPath

MAX_TABLE = 24_000
MAX_SUBJECT = 72
MAX_PLACES = 5
MAX_COMMITS = 3


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The table's data.

    Attributes:
        paths: the conflicts.
        downstream: the last commits on downstream's side, newest first, by path.
        upstream: likewise on upstream's.
        repositories: `host/owner/name` of downstream and of upstream, for links to pull requests.
        collisions: the places in conflict of files with marker lines, by path.
        untouched: paths that downstream has not changed since its newest contained release.
        previous: name of that release's tag.
        proposed: the tools that propose a file, by path.
    """

    paths: Sequence[ConflictPath]
    downstream: Mapping[bytes, Sequence[Commit]]
    upstream: Mapping[bytes, Sequence[Commit]]
    repositories: tuple[str, str]
    collisions: Mapping[bytes, Sequence[Collision]] = field(default_factory=dict)
    untouched: frozenset[bytes] = frozenset()
    previous: str | None = None
    proposed: Mapping[bytes, str] = field(default_factory=dict)


def show_path(path: bytes) -> str:
    """Return a path as inline code; quoted as git does it where it is not plain text."""
    try:
        text = path.decode()
    except UnicodeDecodeError:
        text = ""
    return cell(text if text.isprintable() and text else quote(path))


def cell(text: str) -> str:
    """Return untrusted text as inline code that fits into a table."""
    return code(text).replace("|", "\\|")


def conflict_table(facts: Rows) -> str:
    """Return a table of the conflicts, of at most `MAX_TABLE` characters."""
    lines = [
        "| File | What happened | Downstream's side | Upstream's side |",
        "|---|---|---|---|",
    ]
    paths = facts.paths
    size = 0
    for number, path in enumerate(paths):
        rows = _rows(facts, path)
        size += sum(len(row) + 1 for row in rows)
        if size > MAX_TABLE:
            lines += ["", f"… and {len(paths) - number} more: see the changed files."]
            break
        lines += rows
    return "\n".join(lines)


def _rows(facts: Rows, path: ConflictPath) -> list[str]:
    """Return a row for each place in conflict, or one row for a whole file."""
    name, kind = show_path(path.path), path.kind.value
    if path.path in facts.untouched:
        kind += f"; downstream has not changed it since {code(facts.previous or '')}"
    if path.path in facts.proposed:
        kind += f"; **proposed by {cell(facts.proposed[path.path])}: check it**"
    sides = (facts.downstream, facts.upstream)
    last = [side.get(path.path, ()) for side in sides]
    places = facts.collisions.get(path.path, ())
    if not any(it.downstream or it.upstream for it in places):
        return [_row(facts, name, kind, last)]
    rows = []
    for number, it in enumerate(places):
        if number == MAX_PLACES:
            rows.append(f"| | … and {len(places) - number} more places | | |")
            break
        line = f"line {it.line}"
        where = line if number else f"{kind}, {line}" if len(places) > 1 else kind
        sides_of_place = [it.downstream or last[0], it.upstream or last[1]]
        rows.append(_row(facts, "" if number else name, where, sides_of_place))
    return rows


def _row(facts: Rows, name: str, kind: str, sides: Sequence[Sequence[Commit]]) -> str:
    cells = [
        _commits(side, repository)
        for side, repository in zip(sides, facts.repositories, strict=True)
    ]
    return f"| {name} | {kind} | {' | '.join(cells)} |"


def _commits(commits: Sequence[Commit], repository: str) -> str:
    shown = [show_commit(commit, repository) for commit in commits[:MAX_COMMITS]]
    if len(commits) > MAX_COMMITS:
        shown.append(f"… and {len(commits) - MAX_COMMITS} more")
    return "<br>".join(shown)


def show_commit(commit: Commit, repository: str) -> str:
    """Return a commit with its author, subject and pull request."""
    subject, author = cell(commit.subject[:MAX_SUBJECT]), cell(commit.author[:MAX_SUBJECT])
    return f"{commit.id} {subject} ({author}){_link(commit, repository)}"


def _link(commit: Commit, repository: str) -> str:
    """Return a link to a commit's pull request; GitHub adds no reference to this one there."""
    if commit.number is None:
        return ""
    host, _, name = repository.partition("/")
    if host == "github.com":
        # Renovate and Dependabot link to this address: it redirects, and notifies nobody.
        host = "redirect.github.com"
    return f" [#{commit.number}](https://{host}/{name}/pull/{commit.number})"
