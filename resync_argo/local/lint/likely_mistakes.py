"""Finds probable mistakes in a valid Plan: warnings, each with advice."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import combinations, product

from resync_argo.api.plan import Config, Plan, Step, Upstream
from resync_argo.api.variables import defined
from resync_argo.api.variables import references as references_in_text
from resync_argo.errors import Stalled
from resync_argo.local.lint import commits
from resync_argo.local.lint.commits import REDIRECTED, subcommand
from resync_argo.local.lint.documents import Document, Steps
from resync_argo.local.lint.findings import Finding
from resync_argo.local.lint.scripts import Command, Place, commands, references
from resync_argo.upstream.ranges import VersionRange

_SHELL = {
    *("PWD", "OLDPWD", "IFS", "PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME", "PS1", "PS2", "PS4"),
    *(
        "RESYNC_SUMMARY",
        "OPTARG",
        "OPTIND",
        "LINENO",
        "PPID",
        "GIT_AUTHOR_DATE",
        "GIT_COMMITTER_DATE",
    ),
}
_TEXTS = ("title", "body", "message")
_REFS = ("RESYNC_INCLUDED", "resync/include")
"""How a script names the pull requests that come along."""


def check(document: Document, plan: Plan) -> Iterator[Finding]:
    """Yield warnings about one Plan."""
    known = defined(plan.spec.config)
    for number, step in enumerate(plan.spec.steps):
        at: Steps = ("spec", "steps", number)
        yield from _undefined_in_script(document, (*at, "run"), step, known | _SHELL)
        yield from _undefined_in_texts(document, (*at, "action"), known)
        for command in commands(step.run or ""):
            yield from _command(document, (*at, "run"), command)
    yield from commits.check(document, plan.spec.steps)
    yield from _untrusted(document, plan.spec.config)
    yield from _not_taken(document, plan)
    if plan.spec.suspend_reason and not plan.spec.suspend:
        message = "`suspendReason` says why nothing new starts, but `suspend` is not set: set it, or take this out"
        yield document.warning(("spec", "suspendReason"), message)


def _not_taken(document: Document, plan: Plan) -> Iterator[Finding]:
    """Yield a warning if no step seems to use the pull requests of `include`; a program in the repository might."""
    if plan.spec.config.include and not any(_takes(it.run or "") for it in plan.spec.steps):
        message = "no step takes what `include` names: let one say `git carry`, or merge each ref of `$RESYNC_INCLUDED`"
        yield document.warning(("spec", "config", "include"), message)


def _takes(script: str) -> bool:
    names_them = any(it in script for it in _REFS)
    return names_them or any(
        subcommand(it) == "carry" or "/" in it.words[0] for it in commands(script)
    )


def _undefined_in_script(
    document: Document, path: Steps, step: Step, known: set[str]
) -> Iterator[Finding]:
    said: set[str] = set()
    for reference in references(step.run or ""):
        if reference.name not in known | said:
            said.add(reference.name)
            yield _warning(document, path, _undefined(reference.name), reference.place)


def _undefined_in_texts(document: Document, path: Steps, known: set[str]) -> Iterator[Finding]:
    said: set[str] = set()
    for at in [(*path, name) for name in _TEXTS if (*path, name) in document.values]:
        text = str(document.value(at))
        for name, start in references_in_text(text):
            if name not in known | said:
                said.add(name)
                message = f"{_undefined(name)}; the action would fail"
                yield _warning(document, at, message, Place.of(text, start))


def _undefined(name: str) -> str:
    return f"`${name}` is defined nowhere: define it in `config.env`, or remove it"


def _warning(document: Document, path: Steps, message: str, place: Place) -> Finding:
    return document.warning(path, message, row=place.row, column=place.column)


def _command(document: Document, path: Steps, command: Command) -> Iterator[Finding]:
    if command.words[0] == "sed" and _goes_nowhere(command):
        message = "`sed` only prints the changed text here: add `-i` to change the file"
        yield _warning(document, path, message, command.place)
    if subcommand(command) == "push":
        message = (
            "steps have no credentials, so `git push` fails: leave it out, the `pull-request` action"
            " pushes what is committed"
        )
        yield _warning(document, path, message, command.place)


def _goes_nowhere(sed: Command) -> bool:
    if "|" in (sed.before, sed.after) or "`" in (sed.before, sed.after) or sed.before == "(":
        return False
    in_place = any(re.match(r"-[A-Za-z]*i|--in-place", word) for word in sed.words[1:])
    return not in_place and not any(REDIRECTED.match(word) for word in sed.words[1:])


def _untrusted(document: Document, config: Config) -> Iterator[Finding]:
    """Warn if CI of the downstream repository runs code that nobody has reviewed."""
    downstream = config.downstream
    if config.github is not None and downstream.fork is None and not downstream.trust_upstream:
        message = (
            "CI of this repository runs upstream's code with its secrets before anybody has reviewed it: set"
            " `fork`, or `trustUpstream: true` if that is fine"
        )
        yield document.warning(("spec", "config", "downstream", "name"), message)


def check_together(plans: Iterable[tuple[Document, Plan]]) -> Iterator[Finding]:
    """Yield warnings about Plans that interfere with each other."""
    for (_, one), (document, other) in combinations(plans, 2):
        if _compete(one.spec.config, other.spec.config):
            message = (
                f"the Plan `{one.metadata.name}` syncs some of the same versions into the same branch: take"
                " the range out of one of them"
            )
            follows = other.spec.config.upstream.branch is not None
            path = ("spec", "config", "upstream", "branch" if follows else "matchedVersions")
            yield document.warning(path, message)


def _compete(one: Config, other: Config) -> bool:
    if _way(one) != _way(other):
        return False
    pairs = product(_ranges(one.upstream), _ranges(other.upstream))
    return any(first.overlaps(second) for first, second in pairs)


def _way(config: Config) -> tuple[str, ...]:
    upstream, downstream = config.upstream, config.downstream
    naming = (it or "" for it in upstream.naming)
    return upstream.name, *naming, downstream.name, downstream.branch


def _ranges(upstream: Upstream) -> Iterator[VersionRange]:
    if upstream.branch is not None:
        yield VersionRange(comparators=())
    for text in upstream.matched_versions:
        with suppress(Stalled):  # a finding of its own
            yield VersionRange.parse(text, upstream.versioning)
