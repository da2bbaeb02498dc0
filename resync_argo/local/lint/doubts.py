"""What is probably a mistake in a Plan that would be admitted: warnings, each with what to do."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from resync_argo.api.plan import Config, Plan, Step
from resync_argo.api.variables import ALWAYS_SET
from resync_argo.local.lint.documents import Document, Steps
from resync_argo.local.lint.findings import Finding
from resync_argo.local.lint.scripts import Command, commands, references

_SHELL = {"PWD", "OLDPWD", "IFS", "PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME", "PS1", "PS4"}
_IN_TEXT = re.compile(r"\$\{?(?P<name>[A-Za-z_]\w*)", re.ASCII)
_COMMITTING = {"commit", "merge", "rebase", "cherry-pick", "revert", "am", "pull"}
_REDIRECTED = re.compile(r"\d*(>|>>|>\|)")


def check(document: Document, plan: Plan) -> Iterator[Finding]:
    """Yield warnings about one Plan."""
    known = {variable.name for variable in plan.spec.config.env} | set(ALWAYS_SET) | _SHELL
    for number, step in enumerate(plan.spec.steps):
        at: Steps = ("spec", "steps", number)
        yield from _undefined_in_script(document, (*at, "run"), step, known)
        yield from _undefined_in_texts(document, (*at, "action"), known)
        for command in commands(step.run or ""):
            yield from _command(document, (*at, "run"), command)
    yield from _uncommitted(document, plan.spec.steps)


def _undefined_in_script(
    document: Document, path: Steps, step: Step, known: set[str]
) -> Iterator[Finding]:
    said: set[str] = set()
    for reference in references(step.run or ""):
        if reference.name not in known | said:
            said.add(reference.name)
            yield document.warning(path, _undefined(reference.name), row=reference.row)


def _undefined_in_texts(document: Document, path: Steps, known: set[str]) -> Iterator[Finding]:
    texts = ((key, at) for at in document.values if (key := at[:-1]) == path)
    for _, at in texts:
        if at[-1] not in ("title", "body", "message"):
            continue
        text = _value(document.data, at)
        for name in dict.fromkeys(found["name"] for found in _IN_TEXT.finditer(str(text))):
            if name not in known:
                yield document.warning(at, f"{_undefined(name)}; the action would fail")


def _undefined(name: str) -> str:
    return f"`${name}` is defined nowhere: define it in `config.env`, or take it out"


def _value(data: object, path: Steps) -> object:
    for step in path:
        data = data[step]  # type: ignore[index]  # the path was found in this very data
    return data


def _command(document: Document, path: Steps, command: Command) -> Iterator[Finding]:
    words = command.words
    if words[0] == "sed" and _goes_nowhere(command):
        message = "`sed` only prints the changed text here: add `-i` to change the file"
        yield document.warning(path, message, row=command.row)
    if words[0] == "git" and "push" in words[1:3]:
        message = (
            "steps have no credentials, so `git push` fails: leave it out, the `pull-request` action"
            " pushes what is committed"
        )
        yield document.warning(path, message, row=command.row)


def _goes_nowhere(sed: Command) -> bool:
    if "|" in (sed.before, sed.after) or "`" in (sed.before, sed.after) or sed.before == "(":
        return False
    in_place = any(re.match(r"-[A-Za-z]*i|--in-place", word) for word in sed.words[1:])
    return not in_place and not any(_REDIRECTED.match(word) for word in sed.words[1:])


def _uncommitted(document: Document, steps: Sequence[Step]) -> Iterator[Finding]:
    """Warn of the first step after the last commit, where a pull request follows."""
    if not any(step.action and step.action.type == "pull-request" for step in steps):
        return
    runs = [(number, step.run) for number, step in enumerate(steps) if step.run is not None]
    committing = [number for number, script in runs if _commits(script)]
    after = [number for number, _ in runs if number > max(committing, default=-1)]
    if after:
        message = (
            "no later step commits, so what this one changes is not in the pull request: add a step"
            " with `git add -A` and `git commit`"
        )
        yield document.warning(("spec", "steps", after[0], "run"), message)


def _commits(script: str) -> bool:
    used = (command.words for command in commands(script))
    return any(words[0] == "git" and _COMMITTING & set(words[1:4]) for words in used)


def check_together(plans: Iterable[tuple[Document, Plan]]) -> Iterator[Finding]:
    """Yield warnings about Plans that get in each other's way."""
    for (_, one), (document, other) in combinations(plans, 2):
        first, second = one.spec.config, other.spec.config
        if _claims(first) & _claims(second):
            message = (
                f"the Plan `{one.metadata.name}` syncs the same versions into the same branch: take"
                " the range out of one of them"
            )
            path = ("spec", "config", "upstream", "matchedVersions")
            yield document.warning(path, message)


def _claims(config: Config) -> set[tuple[str, str, str, str]]:
    upstream, downstream = config.upstream, config.downstream
    where = (upstream.name, downstream.name, downstream.branch)
    return {(*where, " ".join(text.split())) for text in upstream.matched_versions}
