"""Formats a report: for people, as JSON, and as a Mermaid graph. Pure."""

import json
from collections import Counter
from typing import Literal

from resync_argo.api.parameters.parameter import Parameter
from resync_argo.local.console import visible
from resync_argo.local.preview.report import (
    CarryForecast,
    Forecast,
    LeftOut,
    PreviewReport,
    Release,
)

Format = Literal["text", "json", "mermaid"]

MOST_FILES = 20
_REBASES = (
    "The steps rebase, and this is the forecast of a merge: a rebase asks commit by commit, perhaps about"
    " other files."
)
EXAMPLES = 3


def render(report: PreviewReport, form: Format) -> str:
    """Return a report in a format."""
    match form:
        case "json":
            return json.dumps(report.model_dump(mode="json", by_alias=True), indent=2)
        case "mermaid":
            return _mermaid(report)
        case _:
            return _text(report)


def _text(report: PreviewReport) -> str:
    at = f"contains {report.contained}" if report.contained else "contains no release of its range"
    lines = [
        f"{report.plan}: {report.upstream} into {report.downstream} {report.branch}, which {at}"
    ]
    if report.rebases:
        lines.append(_REBASES)
    lines += _included(report)
    due = [it for it in report.releases if it.standing in ("Submit", "Wait")]
    if not due:
        lines += ["", "Nothing is due."]
    for release in due:
        lines += ["", *_due(release)]
    skipped = [it for it in report.releases if it.standing == "Skip"]
    if skipped:
        lines += ["", "Skipped:", *(f"  {it.version}: {it.message}" for it in skipped)]
    if report.parameters:
        lines += ["", "Set for each release:", *map(_parameter, report.parameters)]
    if report.left_out:
        lines += ["", "Left out:", *_left_out(report.left_out)]
    return "\n".join(lines)


def _included(report: PreviewReport) -> list[str]:
    if report.include_problem:
        problem = visible(report.include_problem)
        return [
            "",
            f"Which pull requests come along is not known, so none is counted below. {problem}",
        ]
    told = [
        f"  #{it.number} {visible(it.title)} of {visible(it.author)}, at {it.head[:12]}"
        + (": the branch has all of it" if it.contained else "")
        for it in report.included
    ]
    return ["", "Pull requests that come along:", *told] if told else []


def _due(release: Release) -> list[str]:
    when = "next" if release.standing == "Submit" else release.message
    lines = [f"{release.version} ({release.tag}): {when}"]
    if release.forecast is None:
        refused = "`git carry` refuses: " if release.refused else ""
        return [*lines, f"  {refused}{visible(release.problem)}"] if release.problem else lines
    lines.append(f"  {summary(release.forecast)}")
    shown = release.forecast.conflicts[:MOST_FILES]
    lines += [f"    {name}" for name in shown]
    if len(release.forecast.conflicts) > len(shown):
        lines.append(f"    … and {len(release.forecast.conflicts) - len(shown)} more")
    if release.people:
        told = (f"{visible(it.name)} ({_count(it.places, 'place')})" for it in release.people)
        lines.append(f"  whose lines are in conflict: {', '.join(told)}")
    return lines


def summary(it: Forecast) -> str:
    """Return a forecast in one line."""
    clean = "carries cleanly" if isinstance(it, CarryForecast) else "merges cleanly"
    asked = f"{_count(len(it.conflicts), 'file')} to resolve" if it.conflicts else clean
    ruled = f", {_count(len(it.by_rules), 'file')} by rules" if it.by_rules else ""
    never = (
        f", {_count(len(it.untouched), 'file')} that downstream never changed"
        if it.untouched
        else ""
    )
    made = f", {_count(len(it.by_steps), 'file')} by steps" if it.by_steps else ""
    new = f"{_count(it.commits, 'commit')}, {_count(it.files, 'changed file')}"
    return f"{asked}{ruled}{never}{made}; {new}{_patches(it)}"


def _patches(it: Forecast) -> str:
    if not isinstance(it, CarryForecast):
        return ""
    told = (
        (it.carried, "carried"),
        (it.included, "included"),
        (it.dropped, "dropped"),
        (it.landed, "landed upstream"),
    )
    return "; patches: " + (
        ", ".join(f"{number:,} {what}" for number, what in told if number) or "none"
    )


def _parameter(it: Parameter) -> str:
    default = f"`{it.default}` where nobody sets it" if it.default else "may be left empty"
    return f"  {it.name} {it.rule}; {'a release waits until it is set' if it.required else default}"


def _left_out(tags: tuple[LeftOut, ...]) -> list[str]:
    counts = Counter(it.reason for it in tags)
    lines = []
    for reason, number in counts.most_common():
        some = [it.tag for it in tags if it.reason == reason][:EXAMPLES]
        more = ", …" if number > len(some) else ""
        lines.append(f"  {_count(number, 'tag')}: {reason} ({', '.join(some)}{more})")
    return lines


def _mermaid(report: PreviewReport) -> str:
    lines = ["graph LR", f'  branch["{report.branch}"]']
    before = "branch"
    shown = [it for it in report.releases if it.standing in ("Submit", "Wait")]
    for number, release in enumerate(shown):
        lines.append(f'  r{number}["{release.version}<br/>{_label(release)}"]:::{_class(release)}')
        lines.append(f"  {before} --> r{number}")
        before = f"r{number}"
    return "\n".join(
        [
            *lines,
            "  classDef clean fill:#d5f5d5",
            "  classDef conflict fill:#f9d5d5",
            "  classDef other fill:#eeeeee",
        ]
    )


def _label(release: Release) -> str:
    if release.problem:
        return "refused" if release.refused else "cannot be forecast"
    if release.due_time:
        return f"due {release.due_time}"
    return summary(release.forecast).split(";")[0] if release.forecast else release.reason


def _class(release: Release) -> str:
    if release.forecast is None:
        return "conflict" if release.refused else "other"
    return "conflict" if release.forecast.conflicts else "clean"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
