"""The order of versions in a go.mod: of modules (Semantic Versioning 2.0), of Go itself and of its toolchains."""

import re

from resync_argo.gomod.syntax import Unclear

MAX_VERSION = 200
"""Characters; pseudo-versions have about 50."""

_MODULE = re.compile(
    r"v(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?", re.ASCII
)
_GO = re.compile(r"(\d+)(?:\.(\d+)(?:\.(\d+))?)?(?:([a-z]+)(\d+))?", re.ASCII)
_NO_IMPLICIT_PATCH = (1, 21)
"""From here on `1.21` is a language that came before the release `1.21.0` (go.dev/doc/toolchain, "Go versions")."""

Order = tuple[object, ...]
"""Compares as the version does with others of its kind."""


def module_order(version: str) -> Order:
    """Return a sort key for a module's version; pseudo-versions are prereleases, so they sort, too.

    Raises:
        Unclear: it is not such a version but, for example, a branch's name.
    """
    found = _MODULE.fullmatch(version) if len(version) <= MAX_VERSION else None
    if found is None:
        raise Unclear(f"`{version[:MAX_VERSION]}` is not a version of a module")
    parts = tuple(
        (0, int(it), "") if it.isdecimal() else (1, 0, it)
        for it in (found[4] or "").split(".")
        if it
    )
    return (int(found[1]), int(found[2]), int(found[3]), not parts, parts)


def go_order(version: str) -> Order:
    """Return a sort key for a version of Go: `1.21`, `1.21rc2`, `1.21.0`.

    Raises:
    Unclear: it is not a version of Go.
    """
    found = _GO.fullmatch(version) if len(version) <= MAX_VERSION else None
    if found is None:
        raise Unclear(f"`{version[:MAX_VERSION]}` is not a version of Go")
    minor = int(found[2] or 0)
    release = (int(found[1]), minor)
    if found[4]:
        return (*release, 1, int(found[3] or 0), found[4], int(found[5]))
    if found[3] is None and release >= _NO_IMPLICIT_PATCH:
        return (*release, 0, 0, "", 0)
    return (*release, 2, int(found[3] or 0), "", 0)


def toolchain_order(name: str) -> Order:
    """Return a sort key for a toolchain: `go1.22.1`, `go1.22.1-custom`; `default` comes first.

    Raises:
    Unclear: it is not a toolchain.
    """
    if name == "default":
        return (0,)
    if not name.startswith("go"):
        raise Unclear(f"`{name[:MAX_VERSION]}` is not a toolchain")
    return go_order(name.removeprefix("go").partition("-")[0])
