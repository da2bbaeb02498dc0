"""Finds what a go.mod has higher than every version that anybody chose."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from resync_argo.gomod.merge import ORDERS
from resync_argo.gomod.module_file import ModuleFile


@dataclass(frozen=True, kw_only=True)
class Raised:
    """A line that nobody chose.

    Attributes:
        what: a module's path, `go` or `toolchain`.
        version: what the file has.
        chosen: the highest that anybody chose; None where nobody has it.
    """

    what: str
    version: str
    chosen: str | None

    def __str__(self) -> str:
        """Return it as a few words."""
        return f"{self.what} {self.chosen or 'nothing'} → {self.version}"


def find_raised(file: ModuleFile, chosen: Sequence[ModuleFile]) -> list[Raised]:
    """Return what a file has higher than any of the files that people wrote.

    A requirement that is new in all of them is one, too, unless it is indirect: those follow from the others.

    Raises:
        Unclear: a version has no order.
    """
    return list(_find(file, chosen))


def _find(file: ModuleFile, chosen: Sequence[ModuleFile]) -> Iterator[Raised]:
    for (verb, name), fact in file.facts.items():
        order = ORDERS.get(verb)
        if order is None:
            continue
        known = [it.facts[verb, name].value for it in chosen if (verb, name) in it.facts]
        highest = max(known, key=order, default=None)
        if highest is None and verb == "require" and fact.is_indirect:
            continue
        if highest is None or order(fact.value) > order(highest):
            yield Raised(what=name or verb, version=fact.value, chosen=highest)
