"""Which combinations of gits, shells and operations `make test` tries, and which only `make test-matrix`.

`make test` tries each behaviour once with this machine's git and dash, and some behaviours with all others.
"""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.git.clones import SHELLS
from tests.git.debian_gits import RELEASES

GITS = ("machine", *RELEASES)


def in_matrix(*values: object, always: bool = False) -> Any:
    """Return a set of parameters that only `make test-matrix` tries, unless it is always tried."""
    return pytest.param(*values, marks=() if always else pytest.mark.matrix)


def first_always(values: Iterable[object]) -> list[Any]:
    """Return parameters of which `make test` tries the first."""
    return [in_matrix(it, always=number == 0) for number, it in enumerate(values)]


every_git = pytest.mark.parametrize("programs", GITS, indirect=True)
"""Marks a test that `make test` tries with each git."""

every_shell = pytest.mark.parametrize("clone", SHELLS, indirect=True)
"""Marks a test that `make test` tries with each shell."""
