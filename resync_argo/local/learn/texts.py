"""Formats a lesson: for people, and as JSON. Pure."""

import json
from collections.abc import Iterator
from typing import Any, Literal

from resync_argo.attempt.markdown import count
from resync_argo.local.console import visible
from resync_argo.local.learn.lesson import (
    Decided,
    Lesson,
    Otherwise,
    Part,
    ProposedRule,
    ProposedStep,
)

Format = Literal["text", "json"]

MOST_SHOWN = 10


def render(lesson: Lesson, form: Format) -> str:
    """Return a lesson in a format."""
    if form == "json":
        return json.dumps(lesson.model_dump(mode="json", by_alias=True), indent=2)
    return "\n".join(_text(lesson))


def _text(lesson: Lesson) -> Iterator[str]:
    yield f"{lesson.plan}: {lesson.upstream} into {lesson.downstream} {lesson.branch}"
    yield from map(visible, lesson.notes)
    if lesson.whole.bumps:
        yield from _bumps(lesson)
    for it in lesson.unread[:MOST_SHOWN]:
        yield f"Left out: {visible(it.tag)}: {visible(it.why)}"
    if len(lesson.unread) > MOST_SHOWN:
        yield f"Left out: {len(lesson.unread) - MOST_SHOWN} more"
    if lesson.whole.bumps:
        yield from _judged(lesson)
        yield from _steps(lesson)
        yield from _paste(lesson)


def _bumps(lesson: Lesson) -> Iterator[str]:
    whole = lesson.whole
    yield (
        f"{count(whole.bumps, 'bump')} merged again, {_span(whole)}: {count(lesson.conflicts, 'file')} in conflict. By the Plan as it is"
    )
    yield f"  {_decided(lesson.by_rules)} decided by its rules"
    yield f"  {_decided(lesson.untouched)} upstream's, since downstream never changed them"
    if lesson.by_steps:
        yield f"  {count(lesson.by_steps, 'file')} made again by its steps, which are not run here"
    yield f"  {count(whole.asked, 'file')} left to people, in {whole.bumps - whole.nobody} of the bumps"
    for it in (*lesson.by_rules.otherwise, *lesson.untouched.otherwise)[:MOST_SHOWN]:
        yield f"    otherwise: {_file(it)}"


def _judged(lesson: Lesson) -> Iterator[str]:
    older, newer = lesson.older, lesson.newer
    yield ""
    if not lesson.rules:
        yield "No file, folder or class of files always ended the same way, so no rule is proposed."
        return
    if not newer.bumps:
        yield "Learned from all of them: nothing came later to judge by, so no rule is recommended."
    else:
        yield (
            f"Learned from the older {count(older.bumps, 'bump')}, {_span(older)}; judged by the {count(newer.bumps, 'bump')} after that,"
            f" {_span(newer)}."
        )
        yield (
            f"{count(len(lesson.rules), 'rule')} learned would have settled {lesson.learned.settled} of"
            f" {count(newer.asked, 'file')}, {lesson.learned.otherwise} differently from you."
        )
        yield (
            f"The recommended ones would have settled {lesson.recommended.settled} of {newer.asked}, {lesson.recommended.otherwise}"
            f" differently from you: {lesson.recommended.nobody} of {newer.bumps} bumps would have needed nobody, instead of {newer.nobody}."
        )
    for it in lesson.rules:
        yield from _rule(it)
    yield "Otherwise than you is what neither the merge nor the end of its pull request has."


def _rule(it: ProposedRule) -> Iterator[str]:
    mark = "recommended" if it.recommended else "not recommended"
    learned = f"learned from {count(it.learned, 'file')} in {count(it.bumps, 'bump')}"
    wrong = it.judged.otherwise
    later = f"later {it.judged.settled} settled, {len(wrong)} differently from you"
    if not it.judged.settled and not wrong:
        later = "did not come up later"
    yield f"  {_said(it.rule)}: {mark}; {learned}, {later}"
    for one in wrong[:MOST_SHOWN]:
        yield f"    otherwise: {_file(one)}"


def _steps(lesson: Lesson) -> Iterator[str]:
    for it in lesson.steps:
        yield ""
        yield from _step(it, lesson)
    if lesson.steps and lesson.newer.bumps:
        yield (
            f"With the recommended rules and these steps {lesson.recommended.with_steps} of {count(lesson.newer.bumps, 'later bump')}"
            " would have had no conflict left for people."
        )


def _step(it: ProposedStep, lesson: Lesson) -> Iterator[str]:
    yield (
        f"A step `regenerate: {it.regenerate}` would have taken over {it.settled} of {count(lesson.whole.asked, 'file')}, in"
        f" {count(it.bumps, 'bump')}; in {it.beside} people made such files again where nothing was in conflict."
        " No step is run here: whether it makes them as you did, the first pull request shows."
    )


def _paste(lesson: Lesson) -> Iterator[str]:
    if lesson.yaml:
        yield ""
        yield "To paste, `conflicts` below `spec.config` behind the rules that are there, `steps` behind the step that merges:"
        yield ""
        yield lesson.yaml.rstrip("\n")


def _decided(it: Decided) -> str:
    otherwise = f" ({len(it.otherwise)} differently from you)" if it.files else ""
    return f"{count(it.files, 'file')}{otherwise}"


def _span(part: Part) -> str:
    first, last = visible(part.first), visible(part.last)
    return first if part.first == part.last else f"{first} to {last}"


def _said(rule: dict[str, Any]) -> str:
    way = "keepDeleted" if "keepDeleted" in rule else rule["resolve"]
    return f"{', '.join(rule['paths'])} {way}"


def _file(it: Otherwise) -> str:
    return f"{visible(it.path)} in {visible(it.tag)}"
