"""Tells people what was decided without asking them now: by the Plan's rules and steps, and by themselves before.

The first thing in the body of the conflict's and of the final pull request. Called by
`conflict_pull_request` and `pull_request`; sizes are measured in the trusted clone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate

from resync_argo.attempt.conflict.answers import Answered, load_resolutions
from resync_argo.attempt.conflict.decisions import (
    BY_PEOPLE,
    Decision,
    load_decisions,
    rule_name,
)
from resync_argo.attempt.conflict.table import show_path
from resync_argo.attempt.conflict.trees import count_files
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.markdown import code
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.attempt.merge.three_way import Three, merge_entries, write_tree
from resync_argo.conflicts.record import Entries
from resync_argo.git import GitError

MAX_ROWS = 100

MAX_SHOWN = 5
"""Files that are named of each step."""

MAX_LIST = 4_800
"""Characters of each list, so that all fit into a pull request beside everything else."""

_BOTH = "both sides' lines"

SHOWN = 10
"""Files that downstream never changed; a longer list is folded."""


def describe_decisions(attempt: Attempt) -> str:
    """Return Markdown about everything that was decided in this attempt; "" for nothing.

    It has at most 15,000 characters.
    """
    decisions = load_decisions(attempt)
    rules = [it for it in decisions if it.kind == "rule"]
    steps = [it for it in decisions if it.kind == "step"]
    answered = load_resolutions(attempt)
    untouched = [it for it in decisions if it.kind == "untouched"]
    parts = [
        _rules(attempt, rules) if rules else "",
        _untouched(attempt.replay_input().released_tag, untouched) if untouched else "",
        _steps(attempt, steps),
        _people(answered, decisions),
    ]
    return "\n\n".join(part for part in parts if part)


def _rules(attempt: Attempt, decisions: Sequence[Decision]) -> str:
    sizes = _sizes(attempt, decisions[:MAX_ROWS])
    rows = _fitting([_row(attempt, it, sizes) for it in decisions[:MAX_ROWS]])
    lines = [
        f"**Decided by the Plan's rules, not by a person:** {count_files(len(decisions))}.",
        "",
        "| File | What happened | Rule | Taken | Lines not taken |",
        "|---|---|---|---|---|",
        *rows,
    ]
    if len(decisions) > len(rows):
        lines.append(f"\n… and {len(decisions) - len(rows)} more; the log of the step names them.")
    return "\n".join(lines)


def _untouched(released: str | None, decisions: Sequence[Decision]) -> str:
    """Return the files of which upstream's version was taken, since downstream has the last release's."""
    rows = [
        f"- {show_path(it.path.path)}{'' if any(it.entries.values()) else ' (deleted)'}"
        for it in decisions
    ]
    shown = _fitting(rows)
    if len(rows) > len(shown):
        shown.append(f"- … and {len(rows) - len(shown)} more; the log of the step names them.")
    files = "this file" if len(rows) == 1 else f"these {len(rows):,} files"
    taken = "version was" if len(rows) == 1 else "versions were"
    head = (
        f"**Downstream never changed {files}**: they are as {code(released or '')} has them."
        f" Upstream's {taken} taken."
    )
    if len(rows) <= SHOWN:
        return "\n".join([head, "", *shown])
    return "\n".join(
        [
            head,
            "",
            f"<details><summary>{count_files(len(rows))}</summary>",
            "",
            *shown,
            "",
            "</details>",
        ]
    )


def _steps(attempt: Attempt, decisions: Sequence[Decision]) -> str:
    """Return a line for each step that makes files again, with what was in conflict before it."""
    titles = {it.container: it.title for it in attempt.contract.steps}
    lines = []
    for container in dict.fromkeys(it.by for it in decisions):
        paths = [it.path.path for it in decisions if it.by == container]
        shown = ", ".join(show_path(path) for path in sorted(paths, key=_depth)[:MAX_SHOWN])
        more = f" and {len(paths) - MAX_SHOWN} more" if len(paths) > MAX_SHOWN else ""
        name = code(titles.get(container, container))
        lines.append(f"- {name}: {count_files(len(paths))} in conflict, {shown}{more}")
    head = "**Made again by a step, so nobody was asked:**"
    return "\n".join([head, "", *_fitting(lines)]) if lines else ""


def _depth(path: bytes) -> tuple[int, bytes]:
    return path.count(b"/"), path


def _row(attempt: Attempt, decision: Decision, sizes: Mapping[bytes, str]) -> str:
    path = decision.path
    rule = attempt.contract.config.conflicts[int(decision.by) - 1]
    name, taken = f"{decision.by} ({rule_name(rule, path)})", _taken(decision)
    if rule.resolve == "UpstreamHunks" and taken == _BOTH:
        taken = "upstream's lines where both collide"
    size = sizes.get(path.path, "size unknown")
    kind = path.kind.value
    return f"| {show_path(path.path)} | {kind} | {name} | {taken} | {size} |"


def _taken(decision: Decision) -> str:
    path, result = decision.path, decision.entries
    if result == path.side(path.upstream):
        side = "upstream's"
    elif result == path.side(path.downstream):
        side = "downstream's"
    else:
        side = _BOTH if any(result.values()) else "neither side's"
    return side if any(result.values()) else f"{side} (deleted)"


def _not_taken(decision: Decision) -> Entries:
    """Return the side that lost: downstream's where upstream's won, else upstream's."""
    path = decision.path
    upstream = path.side(path.upstream)
    return path.side(path.downstream) if decision.entries == upstream else upstream


def _without_hunks(attempt: Attempt, decisions: Sequence[Decision]) -> Entries:
    """Return what files of which upstream's hunks were taken would be with downstream's instead."""
    rules = attempt.contract.config.conflicts
    by_hunks = [it.path for it in decisions if rules[int(it.by) - 1].resolve == "UpstreamHunks"]
    versions = [
        Three(path=name, base=it.ancestor, ours=it.downstream[name], theirs=it.upstream[name])
        for it in by_hunks
        for name in it.names
        if it.both is not None
    ]
    head, options = attempt.replay_input().head, MergeOptions(options=("ours",))
    merged = merge_entries(attempt.repository, versions, options, attributes_of=head)
    return {name: result.entry for name, result in merged.items()}


def _sizes(attempt: Attempt, decisions: Sequence[Decision]) -> dict[bytes, str]:
    """Measure how the side that was not taken differs from what was, in lines."""
    git = attempt.repository
    owner = {name: it.path.path for it in decisions for name in it.path.names}
    taken = {name: entry for it in decisions for name, entry in it.entries.items()}
    lost = {name: entry for it in decisions for name, entry in _not_taken(it).items()}
    try:
        lost |= _without_hunks(attempt, decisions)
        trees = (write_tree(git, None, taken), write_tree(git, None, lost))
        output = git.run("diff-tree", "-r", "-z", "--no-renames", "--numstat", *trees, "--")
    except GitError:
        # A content that nobody fetched; the table then says that it is not known.
        return {}
    counts: dict[bytes, list[bytes]] = {}
    for line in output.split(b"\0")[:-1]:
        added, removed, name = line.split(b"\t", 2)
        counts.setdefault(owner[name], []).append(added + b" " + removed)
    return {it.path.path: _size(counts.get(it.path.path, [])) for it in decisions}


def _size(counts: Sequence[bytes]) -> str:
    pairs = [count.split(b" ") for count in counts]
    if any(added == b"-" for added, _ in pairs):
        return "a binary file"
    added, removed = (sum(int(pair[side]) for pair in pairs) for side in (0, 1))
    return f"{added:,} ({removed:,} instead)" if pairs else "none"


def _people(answered: Sequence[Answered], decisions: Sequence[Decision]) -> str:
    used = Counter(it.by for it in decisions if it.kind in BY_PEOPLE)
    lines = []
    for one in answered:
        if used[one.record.key]:
            files = count_files(used[one.record.key])
            lines.append(f"- {one.merged.url}: {files}{_credit(one.authors)}")
        elif not one.resolution.answers and not one.resolution.changes:
            lines.append(f"- {one.merged.url}: nothing, the markers were left")
        else:
            lines.append(f"- {one.merged.url}: **not used**, its conflict did not come up again")
    shown = _fitting(lines)
    if len(lines) > len(shown):
        shown.append(f"- … and {len(lines) - len(shown)} more")
    return "\n".join(["**Conflicts resolved by people:**", "", *shown]) if lines else ""


def _credit(authors: Sequence[str]) -> str:
    """Return who resolved a conflict, without their addresses."""
    names = [code(author.rpartition(" <")[0]) for author in authors]
    return f", by {', '.join(names)}" if names else ""


def _fitting(lines: Sequence[str]) -> list[str]:
    """Return the first lines that fit into a list."""
    ends = accumulate(len(line) + 1 for line in lines)
    return [line for line, end in zip(lines, ends, strict=True) if end <= MAX_LIST]
