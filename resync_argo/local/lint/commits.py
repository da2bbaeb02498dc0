"""Warns about what steps commit, and about changes that they leave uncommitted."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from resync_argo.api.plan import Step
from resync_argo.local.lint.documents import Document
from resync_argo.local.lint.findings import Finding
from resync_argo.local.lint.scripts import Command, commands

REDIRECTED = re.compile(r"\d*(>|>>|>\|)")
"""Words that send output into a file."""

_COMMITTING = {"carry", "commit", "merge", "rebase", "cherry-pick", "revert", "am", "pull"}
_READING = {
    "echo",
    "printf",
    "test",
    "[",
    "true",
    "cat",
    "ls",
    "env",
    "pwd",
    "grep",
    "exit",
    "cd",
    "set",
}
# A push fails, and has a warning of its own.
_GIT_READING = {"status", "log", "diff", "show", "describe", "rev-parse", "grep", "fetch", "push"}
_WITH_VALUE = {"-C", "-c", "--git-dir", "--work-tree", "--namespace"}
"""Git's own options that are followed by a word (git(1))."""
_CHECK = re.compile(
    r"(?:unit|e2e|integration|smoke|pre)?[-_:.]?"
    r"(?:tests?|checks?|lint|vet|verify|validate|build|compile|clippy|typecheck)(?:\b|[-_:.].*)?\Z"
)
"""What is called so looks at the files: `make test`, `go build ./...`, `hack/verify-vendor.sh`, `npm run lint`."""
_CHECKERS = {"pytest", "tox", "golangci-lint", "shellcheck", "yamllint", "mypy", "actionlint"}


def check(document: Document, steps: Sequence[Step]) -> Iterator[Finding]:
    """Yield warnings about the steps of one Plan."""
    for number, step in enumerate(steps):
        for before, command in pairwise((None, *commands(step.run or ""))):
            if before and command and _may_be_empty(before, command):
                message = (
                    "`git commit` fails, and the step with it, where there is nothing to commit: write"
                    " `git diff --cached --quiet || git commit …`"
                )
                place = command.place
                path = ("spec", "steps", number, "run")
                yield document.warning(path, message, row=place.row, column=place.column)
    if any(step.action and step.action.type == "pull-request" for step in steps):
        yield from _uncommitted(document, steps)


def subcommand(command: Command) -> str | None:
    """Return git's subcommand; None for another program."""
    words = iter(command.words)
    if next(words) != "git":
        return None
    for word in words:
        if word in _WITH_VALUE:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None


def _may_be_empty(before: Command, command: Command) -> bool:
    if subcommand(before) != "add" or subcommand(command) != "commit":
        return False
    is_guarded = command.before == "||" or command.after == "||"
    return not is_guarded and not {"--allow-empty", "--amend"} & set(command.words)


def _uncommitted(document: Document, steps: Sequence[Step]) -> Iterator[Finding]:
    """Warn of the first step after the last commit that may change files."""
    used = [(number, list(commands(step.run))) for number, step in enumerate(steps) if step.run]
    committing = [number for number, found in used if any(map(_commits, found))]
    committing += [number for number, step in enumerate(steps) if step.regenerate]
    last = max(committing, default=-1)
    after = [number for number, found in used if number > last and not all(map(_looks, found))]
    if after:
        message = (
            "no later step commits, so what this one changes is not in the pull request: add a step"
            " with `git add -A` and `git commit`, or, if it changes nothing, a line"
            " `# resync-argo: ignore` before it"
        )
        yield document.warning(("spec", "steps", after[0], "run"), message)


def _commits(command: Command) -> bool:
    return subcommand(command) in _COMMITTING


def _looks(command: Command) -> bool:
    """Return whether a command's name suggests that it changes no file."""
    if any(REDIRECTED.match(word) for word in command.words):
        return False
    program = command.words[0].rpartition("/")[2]
    named = [program, *(word for word in command.words[1:] if not word.startswith("-"))][:3]
    is_check = program in _CHECKERS or any(map(_CHECK.match, named))
    return is_check or command.words[0] in _READING or subcommand(command) in _GIT_READING
