"""`python -m tests.dependencies.licences`: refuses a package whose licence does not go with Apache-2.0.

In: what the installed packages say of themselves, as cyclonedx-py reads it. A package that the program runs with and
that is not installed here, or names no licence, is refused, too.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from license_expression import ExpressionError, get_spdx_licensing

from tests.dependencies.lock import locked_packages, normalised

ALLOWED = frozenset(
    {
        *("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "PSF-2.0"),
        *("Python-2.0", "ZPL-2.1", "LGPL-3.0-or-later", "MPL-2.0"),
    }
)
"""SPDX identifiers. Of the last two we change no file, and both let a program of another licence use the package."""

CLASSIFIERS = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: GNU Library or Lesser General Public License (LGPL)": "LGPL-3.0-or-later",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: Zope Public License": "ZPL-2.1",
}
"""What older packages say -> the licence that their files hold."""

SILENT = {"cel-python": "Apache-2.0"}
"""Packages whose metadata names no licence -> what their LICENSE file is."""


def installed_components(python: str = sys.executable) -> list[dict[str, Any]]:
    """Return what an interpreter's packages say of themselves, as components of CycloneDX.

    Raises:
        CalledProcessError: cyclonedx-py failed.
    """
    result = subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", "environment", "--output-format=JSON", python],
        stdout=subprocess.PIPE,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(result.stdout)["components"]
    return found


def refusals(components: Iterable[Mapping[str, Any]], wanted: Iterable[str]) -> Iterator[str]:
    """Yield a line for each wanted package whose licences are not all allowed."""
    found = {normalised(component["name"]): component for component in components}
    for name in sorted(wanted):
        if name not in found:
            yield f"{name} is not installed, so its licence is not known"
            continue
        expressions = list(_expressions(found[name])) or [SILENT.get(name, "")]
        for expression in expressions:
            if not is_allowed(expression):
                yield f"{name} is under {expression or 'no licence that it names'}"


def is_allowed(expression: str) -> bool:
    """Return whether an SPDX expression can be fulfilled with licences that are allowed."""
    licensing = get_spdx_licensing()
    try:
        parsed = licensing.parse(expression, validate=True)
    except ExpressionError:
        return False
    if parsed is None:
        return False
    answers = {
        symbol: licensing.TRUE if symbol.render() in ALLOWED else licensing.FALSE
        for symbol in parsed.symbols
    }
    return bool(parsed.subs(answers, simplify=True) == licensing.TRUE)


def _expressions(component: Mapping[str, Any]) -> Iterator[str]:
    for entry in component.get("licenses", ()):
        if "expression" in entry:
            yield entry["expression"]
        else:
            licence = entry["license"]
            name = licence.get("id") or licence["name"]
            yield CLASSIFIERS.get(name, name)


def main() -> int:
    """Print what is refused; return the exit code."""
    wanted = locked_packages()
    refused = list(refusals(installed_components(), wanted))
    for line in refused:
        print(line, file=sys.stderr)
    if refused:
        return 1
    print(f"licences: all {len(wanted)} packages go with Apache-2.0")
    return 0


if __name__ == "__main__":
    sys.exit(main())
