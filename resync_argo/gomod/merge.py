"""Merges a go.mod three-way by meaning: starts from upstream's file, and applies downstream's changes to it.

If only one side changed something, that change wins. If both changed a version, the higher one
wins, and no version becomes lower than upstream's. `go mod tidy` then removes unneeded
requirements, and marks indirect ones.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from resync_argo.gomod.module_file import Key, ModuleFile, read_module_file
from resync_argo.gomod.rewriting import rewrite
from resync_argo.gomod.syntax import Unclear
from resync_argo.gomod.versions import Order, go_order, module_order, toolchain_order

ORDERS: Mapping[str, Callable[[str], Order]] = {
    "require": module_order,
    "go": go_order,
    "toolchain": toolchain_order,
}
"""The order of a verb's values, where they have one."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a person must decide.

    Attributes:
        key: the statement's subject.
        base: the common ancestor's value; None if absent.
        downstream: downstream's value; None if absent.
        upstream: upstream's value, likewise.
    """

    key: Key
    base: str | None
    downstream: str | None
    upstream: str | None

    def __str__(self) -> str:
        """Return the question as a sentence."""
        what = " ".join(word for word in self.key if word)
        known = (("it was", self.base), ("downstream has", self.downstream))
        told = (
            f"{who} {_shown(value)}" for who, value in (*known, ("upstream has", self.upstream))
        )
        return f"{what}: {', '.join(told)}"


def _shown(value: str | None) -> str:
    return "nothing" if value is None else value or "it"


@dataclass(frozen=True, kw_only=True)
class Merged:
    """The result of a merge.

    Attributes:
        content: the merged file; None if there are questions.
        questions: what a person must decide.
    """

    content: bytes | None = None
    questions: tuple[Question, ...] = ()


def merge(base: bytes, downstream: bytes, upstream: bytes) -> Merged:
    """Merge a go.mod; an empty base means that there is none.

    Raises:
        Unclear: one of the three cannot be read with certainty.
    """
    before, own, theirs = (read_module_file(it) for it in (base, downstream, upstream))
    wanted = dict(_decided(before, own, theirs))
    questions = tuple(it for it in wanted.values() if isinstance(it, Question))
    if questions:
        return Merged(questions=questions)
    values = {key: it for key, it in wanted.items() if isinstance(it, str)}
    content = rewrite(before, own, theirs, values)
    _check(content, values)
    return Merged(content=content)


def _decided(
    base: ModuleFile, downstream: ModuleFile, upstream: ModuleFile
) -> Iterator[tuple[Key, str | Question | None]]:
    for key in dict.fromkeys((*upstream.facts, *downstream.facts, *base.facts)):
        own = [
            it.facts[key].value if key in it.facts else None for it in (base, downstream, upstream)
        ]
        yield key, _decide(Question(key=key, base=own[0], downstream=own[1], upstream=own[2]))


def _decide(it: Question) -> str | Question | None:
    """Return the merged value of one statement; None if it is removed."""
    if it.downstream in (it.upstream, it.base):
        return it.upstream
    order = ORDERS.get(it.key[0])
    if order is not None:
        return _decide_version(it, order)
    if it.upstream == it.base:
        return it.downstream
    return _higher_of_one_target(it) if it.key[0] == "replace" else it


def _decide_version(it: Question, order: Callable[[str], Order]) -> str | Question | None:
    if it.downstream is None or it.upstream is None:
        return _decide_requirement(it) if it.key[0] == "require" else _decide_line(it)
    own = order(it.downstream)
    if it.base is not None and own < order(it.base):
        return it
    return it.downstream if own > order(it.upstream) else it.upstream


def _decide_requirement(it: Question) -> str | None:
    """Decide about a requirement that one side lacks; None removes it.

    Downstream's stays if downstream added or raised it: if it is needed, tidying would otherwise
    take the newest version.
    """
    if it.downstream is None:
        return it.upstream
    is_wanted = it.base is None or module_order(it.downstream) > module_order(it.base)
    return it.downstream if is_wanted else None


def _decide_line(it: Question) -> str | Question | None:
    """Decide about `go` or `toolchain` if one side lacks it."""
    return it.downstream if it.base in (it.upstream, None) else it


def _higher_of_one_target(it: Question) -> str | Question:
    """Return the higher version, if both sides replace a module by the same one."""
    if it.downstream is None or it.upstream is None:
        return it
    own, theirs = (side.partition(" ") for side in (it.downstream, it.upstream))
    if own[0] != theirs[0] or not (own[2] and theirs[2]):
        return it
    return it.downstream if module_order(own[2]) > module_order(theirs[2]) else it.upstream


def _check(content: bytes, values: Mapping[Key, str]) -> None:
    """Check that the text states what was decided."""
    said = {key: fact.value for key, fact in read_module_file(content).facts.items()}
    if said != values:
        differing = sorted(" ".join(key) for key, _ in said.items() ^ values.items())
        raise Unclear(f"it cannot be written down: {', '.join(differing[:3])}")
