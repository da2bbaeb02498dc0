"""How a step's command merges: the strategy and its options, read from git's own arguments. Pure.

The same parser reads the arguments of our `git` in the user's image, and the commands that
`preview` finds in a Plan's scripts. It keeps only options that affect conflicts (git-merge, "MERGE
STRATEGIES"), and such settings of the step's clone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

_GLOBAL_WITH_VALUE = ("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env")
MERGE_SETTINGS = {
    "merge.renormalize": "merge.renormalize",
    "merge.renames": "merge.renames",
    "diff.renames": "diff.renames",
    "merge.directoryrenames": "merge.directoryRenames",
}
_WITHOUT_REPEAT = {
    "renormalize": ("merge.renormalize", "true"),
    "no-renormalize": ("merge.renormalize", "false"),
    "no-renames": ("merge.renames", "false"),
    "find-renames": ("merge.renames", "true"),
}
_VALUE = re.compile(r"[a-z]{0,20}")
_STRATEGY_OPTION = re.compile(
    r"ours|theirs|patience|histogram|renormalize|no-renormalize|no-renames"
    r"|ignore-space-change|ignore-all-space|ignore-space-at-eol|ignore-cr-at-eol"
    r"|diff-algorithm=[a-z]{1,20}|(?:find-renames|rename-threshold)(?:=\d{1,3}%?)?"
    r"|subtree(?:=[^\n\0]{1,400})?"
)
STRATEGIES = ("ort", "recursive", "resolve", "subtree")
"""The strategies that can be repeated; git's `recursive` is `ort` since 2.50, and here in any version."""


@dataclass(frozen=True, kw_only=True)
class MergeOptions:
    """Options that affect a merge.

    Attributes:
        strategy: one of `STRATEGIES`; None for git's default.
        options: strategy options, in order.
        settings: git's settings, by full name.
        unrelated: histories without a common ancestor may be merged.
    """

    strategy: str | None = None
    options: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    unrelated: bool = True

    @property
    def effective(self) -> Mapping[str, str]:
        """Return the settings, including those that options imply."""
        known = dict(_WITHOUT_REPEAT[it] for it in self.options if it in _WITHOUT_REPEAT)
        return {**self.settings, **known}

    @property
    def needs_repeat(self) -> bool:
        """Return whether `git merge-tree` cannot do it."""
        return self.strategy in ("resolve", "subtree") or any(
            it not in _WITHOUT_REPEAT for it in self.options
        )


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of git.

    Attributes:
        command: git's command; "" without one.
        words: the words after it.
        settings: those that `-c` sets, in order.
    """

    command: str
    words: tuple[str, ...]
    settings: tuple[tuple[str, str], ...] = ()

    def has(self, *options: str) -> bool:
        """Return whether one of some options is given."""
        return self.last(*options) is not None

    def last(self, *options: str) -> str | None:
        """Return the last of some options that is given, in full (gitcli: "can be abbreviated")."""
        found = [it for word in self.options for it in options if _stands_for(word, it)]
        return found[-1] if found else None

    @property
    def options(self) -> tuple[str, ...]:
        """Return the words before `--`."""
        return tuple(takewhile(lambda word: word != "--", self.words))

    def values(self, short: str, long: str) -> list[str]:
        """Return the values of an option, in order: `-Xours`, `-X ours`, `--strategy-option=ours`."""
        found = []
        words = iter(self.options)
        for word in words:
            if word in (short, long):
                found.append(next(words, ""))
            elif word.startswith(f"{long}="):
                found.append(word.partition("=")[2])
            elif word.startswith(short) and not word.startswith("--"):
                found.append(word[len(short) :])
        return found


def _stands_for(word: str, option: str) -> bool:
    return word == option or (len(word) > len("--no-") and option.startswith(word))


def parse_call(argv: Sequence[str]) -> Call:
    """Return a call from git's arguments, without `git` itself."""
    settings = []
    words = iter(argv)
    for word in words:
        if word == "-c":
            name, _, value = next(words, "").partition("=")
            settings.append((name, value or "true"))
        elif word in _GLOBAL_WITH_VALUE:
            next(words, "")
        elif not word.startswith("-"):
            return Call(command=word, words=tuple(words), settings=tuple(settings))
    return Call(command="", words=(), settings=tuple(settings))


def merge_options(
    call: Call, *, settings: Mapping[str, str], saved: Sequence[str] = ()
) -> MergeOptions:
    """Return how a call merges.

    Args:
        call: git's arguments.
        settings: the clone's, by name in any case.
        saved: strategy options that git saved for the operation in progress.
    """
    given = {**settings, **dict(call.settings)}
    strategies = [it for it in call.values("-s", "--strategy") if it in STRATEGIES]
    prefixes = call.values("-P", "--prefix") if call.command == "subtree" else []
    asked = [*saved, *call.values("-X", "--strategy-option")]
    asked += [f"subtree={prefix}" for prefix in prefixes]
    return MergeOptions(
        strategy=strategies[-1] if strategies else None,
        options=tuple(_known(asked)),
        settings=_kept(given),
    )


def _known(options: Sequence[str]) -> Iterator[str]:
    return (option.removeprefix("--") for option in options if is_strategy_option(option))


def is_strategy_option(option: str) -> bool:
    """Return whether git's merge has a strategy option, as written after `-X`."""
    return _STRATEGY_OPTION.fullmatch(option.removeprefix("--")) is not None


def _kept(given: Mapping[str, str]) -> dict[str, str]:
    lower = {name.lower(): value for name, value in given.items()}
    return {
        name: lower[key].lower()
        for key, name in MERGE_SETTINGS.items()
        if key in lower and _VALUE.fullmatch(lower[key].lower())
    }
