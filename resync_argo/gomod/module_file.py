"""Reads the meaning of a go.mod, statement by statement (go.dev/ref/mod, "go.mod files")."""

from collections.abc import Mapping
from dataclasses import dataclass

from resync_argo.gomod.syntax import Lines, Statement, Unclear, read_lines

Key = tuple[str, str]
"""A statement's verb and its subject, such as a module's path; "" if a file has at most one of them."""

_ALONE = ("module", "go", "toolchain")
_NAMED = ("tool", "ignore", "godebug")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """The meaning of one statement.

    Attributes:
        value: a version, a replacement or a setting; "" if the statement's presence says
            everything.
        statement: its text and place.
    """

    value: str
    statement: Statement

    @property
    def is_indirect(self) -> bool:
        """Return whether only other modules need this requirement."""
        return self.statement.suffix.removeprefix("//").split(";")[0].strip() == "indirect"


@dataclass(frozen=True, kw_only=True)
class ModuleFile:
    """A go.mod.

    Attributes:
        lines: the text.
        facts: the meaning, by subject; each subject occurs once.
    """

    lines: Lines
    facts: Mapping[Key, Fact]

    def values(self, verb: str) -> dict[str, str]:
        """Return the values of a verb's statements, by subject."""
        return {name: fact.value for (own, name), fact in self.facts.items() if own == verb}


def read_module_file(content: bytes) -> ModuleFile:
    """Read a go.mod; an empty one has no facts.

    Raises:
        Unclear: it is not a go.mod, it has two statements on one subject, or an unknown directive.
    """
    lines = read_lines(content)
    facts: dict[Key, Fact] = {}
    for it in lines.statements:
        name, value = _meaning(it)
        if (it.verb, name) in facts:
            raise Unclear(f"line {it.line + 1} says again what `{it.verb} {name}` is")
        facts[it.verb, name] = Fact(value=value, statement=it)
    return ModuleFile(lines=lines, facts=facts)


def _meaning(it: Statement) -> tuple[str, str]:
    words = it.words
    match it.verb, len(words):
        case "require", 2:
            return words[0], words[1]
        case "exclude", 2:
            return " ".join(words), ""
        case "retract", _:
            return "".join(words).replace(",", ", "), ""
        case "replace", _ if "=>" in words:
            at = words.index("=>")
            if 1 <= at <= 2 and 1 <= len(words) - at - 1 <= 2:  # noqa: PLR2004 - a path, and perhaps a version
                return " ".join(words[:at]), " ".join(words[at + 1 :])
        case verb, 1 if verb in _ALONE:
            return "", words[0]
        case verb, 1 if verb in _NAMED:
            name, _, value = words[0].partition("=") if verb == "godebug" else (words[0], "", "")
            return name, value
    raise Unclear(f"line {it.line + 1}, a `{it.verb}`, has no meaning that is known here")
