"""Versions have Go's order (golang.org/x/mod/semver, go.dev/doc/toolchain)."""

from itertools import pairwise

import pytest

from resync_argo.gomod.syntax import Unclear
from resync_argo.gomod.versions import go_order, module_order, toolchain_order

MODULES = [
    "v0.0.0-20190101000000-abcdefabcdef",
    "v0.0.0-20231030000000-0123456789ab",
    "v1.0.0-alpha",
    "v1.0.0-alpha.1",
    "v1.0.0-alpha.beta",
    "v1.0.0-rc.2",
    "v1.0.0-rc.10",
    "v1.0.0",
    "v1.0.1-0.20240101000000-abcdefabcdef",
    "v1.9.0",
    "v1.10.0",
    "v2.0.0+incompatible",
]
GO = ["1.20rc1", "1.20", "1.20.1", "1.21", "1.21rc2", "1.21.0", "1.21.3", "1.22"]


def test_versions_of_modules_have_the_order_of_semantic_versioning() -> None:
    for lower, higher in pairwise(MODULES):
        assert module_order(lower) < module_order(higher), (lower, higher)


def test_a_language_comes_before_its_first_release() -> None:
    for lower, higher in pairwise(GO):
        assert go_order(lower) < go_order(higher), (lower, higher)
        assert toolchain_order(f"go{lower}") < toolchain_order(f"go{higher}-custom")
    assert go_order("1.20") == go_order("1.20.0")
    assert toolchain_order("default") < toolchain_order("go1.0")


@pytest.mark.parametrize(
    "text", ["", "master", "v1", "v1.2", "1.2.3", "v1.2.3-", "v1.2.3" + "9" * 300]
)
def test_anything_but_a_modules_version_has_no_order(text: str) -> None:
    with pytest.raises(Unclear, match="not a version of a module"):
        module_order(text)


@pytest.mark.parametrize("text", ["", "latest", "1.x", "v1.21"])
def test_anything_but_a_version_of_go_has_no_order(text: str) -> None:
    with pytest.raises(Unclear, match="not a version of Go"):
        go_order(text)
    with pytest.raises(Unclear):
        toolchain_order(text)
