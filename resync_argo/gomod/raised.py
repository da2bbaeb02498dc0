"""Finds versions in a go.mod that are higher than anybody chose."""

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
        chosen: the highest that anybody chose; None if nobody chose any.
    """

    what: str
    version: str
    chosen: str | None

    def __str__(self) -> str:
        """Return it in a few words."""
        return f"{self.what} {self.chosen or 'nothing'} → {self.version}"


def find_raised(file: ModuleFile, chosen: Sequence[ModuleFile]) -> list[Raised]:
    """Return the versions in a file that are higher than in all the files that people wrote.

    A requirement that is in none of those counts, too, unless it is indirect: those follow from the
    others.

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
