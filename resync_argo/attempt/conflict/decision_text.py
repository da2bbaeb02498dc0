"""Tells people what was decided without asking them now: by the Plan's rules, and by themselves before.

The first thing in the body of the conflict's and of the final pull request. Called by
`conflict_pull_request` and `pull_request`; sizes are measured in the trusted clone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate

from resync_argo.attempt.conflict.answers import Answered, load_resolutions
from resync_argo.attempt.conflict.kinds import Surroundings, classify
from resync_argo.attempt.conflict.text import show_path
from resync_argo.attempt.conflict.trees import count_files, write_tree
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.steps.rules import Decision, read_decisions
from resync_argo.conflicts.record import Conflict, Entry
from resync_argo.git import Git, GitError

MAX_ROWS = 100

MAX_LIST = 4_800
"""Characters of each list, so that both fit into a pull request beside everything else."""


def describe_decisions(attempt: Attempt) -> str:
    """Return Markdown about everything that was decided in this attempt; "" for nothing.

    It has at most 10,000 characters.

    Raises:
        Untrustworthy: a step changed the list of decisions.
    """
    decisions = read_decisions(attempt)
    rules = [it for it in decisions if it.kind == "rule"]
    answered = load_resolutions(attempt)
    parts = [_rules(attempt, rules) if rules else "", _people(answered, decisions)]
    return "\n\n".join(part for part in parts if part)


def _rules(attempt: Attempt, decisions: Sequence[Decision]) -> str:
    sizes = _sizes(attempt.repository, decisions[:MAX_ROWS])
    rows = _fitting([_row(attempt, it, sizes) for it in decisions[:MAX_ROWS]])
    lines = [
        f"**Decided by the Plan's rules, not by a person:** {count_files(len(decisions))}.",
        "",
        "| File | What happened | Rule | Taken | Not taken |",
        "|---|---|---|---|---|",
        *rows,
    ]
    if len(decisions) > len(rows):
        lines.append(f"\n… and {len(decisions) - len(rows)} more; the log of the step names them.")
    return "\n".join(lines)


def _row(attempt: Attempt, decision: Decision, sizes: Mapping[bytes, str]) -> str:
    path = decision.path
    rule = attempt.contract.config.conflicts[int(decision.by, 10) - 1 : int(decision.by, 10)]
    name = f"{decision.by} ({rule[0].resolve})" if rule else decision.by
    size = sizes.get(path.path, "size unknown")
    return f"| {show_path(path.path)} | {_kind(decision)} | {name} | {_taken(decision)} | {size} |"


def _kind(decision: Decision) -> str:
    operation, stop = decision.where.split(" ")
    conflict = Conflict(
        operation=operation,
        stop=stop,
        upstream=decision.upstream,
        step="-",
        paths=(decision.path,),
    )
    around = Surroundings(
        conflict=conflict, in_ancestor=lambda _path: True, is_directory=lambda _path: False
    )
    return classify(decision.path, around).value


def _taken(decision: Decision) -> str:
    stages, result = decision.path.stages, decision.result
    if result == stages.get(decision.upstream):
        side = "upstream's"
    elif result == stages.get(5 - decision.upstream):
        side = "downstream's"
    else:
        side = "both sides' lines" if result else "neither side's"
    return f"{side} (deleted)" if result is None else side


def _not_taken(decision: Decision) -> Entry | None:
    """Return the side that lost: downstream's where upstream's won, else upstream's."""
    upstream = decision.path.stages.get(decision.upstream)
    downstream = decision.path.stages.get(5 - decision.upstream)
    return downstream if decision.result == upstream else upstream


def _sizes(git: Git, decisions: Sequence[Decision]) -> dict[bytes, str]:
    """Measure how the side that was not taken differs from what was, in lines."""
    empty = git.run("hash-object", "-t", "tree", "-w", "--stdin").decode().strip()
    taken = {it.path.path: it.result for it in decisions}
    lost = {it.path.path: _not_taken(it) for it in decisions}
    try:
        trees = (write_tree(git, empty, taken), write_tree(git, empty, lost))
        output = git.run("diff-tree", "-r", "-z", "--no-renames", "--numstat", *trees, "--")
    except GitError:
        # A side that exists only in the steps' clone; the table then says that it is not known.
        return {}
    sizes = dict.fromkeys(taken, "nothing")
    for line in output.split(b"\0")[:-1]:
        added, removed, path = line.split(b"\t", 2)
        lines = f"+{added.decode()} −{removed.decode()} lines"  # noqa: RUF001 - a minus sign
        sizes[path] = "a binary file" if added == b"-" else lines
    return sizes


def _people(answered: Sequence[Answered], decisions: Sequence[Decision]) -> str:
    used = Counter(it.by for it in decisions if it.kind != "rule")
    lines = []
    for one in answered:
        if used[one.record.key]:
            lines.append(f"- {one.merged.url}: {count_files(used[one.record.key])}")
        elif not one.resolution.answers and not one.resolution.changes:
            lines.append(f"- {one.merged.url}: nothing, the markers were left")
        else:
            lines.append(f"- {one.merged.url}: **not used**, its conflict did not come up again")
    shown = _fitting(lines)
    if len(lines) > len(shown):
        shown.append(f"- … and {len(lines) - len(shown)} more")
    return "\n".join(["**Resolved by people before:**", "", *shown]) if lines else ""


def _fitting(lines: Sequence[str]) -> list[str]:
    """Return the first lines that fit into a list."""
    ends = accumulate(len(line) + 1 for line in lines)
    return [line for line, end in zip(lines, ends, strict=True) if end <= MAX_LIST]
