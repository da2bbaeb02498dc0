"""Versions that are higher than all that people wrote are found."""

from resync_argo.gomod.module_file import read_module_file
from resync_argo.gomod.raised import find_raised


def raised(text: str, *chosen: str) -> list[str]:
    """Return, in words, the versions that a go.mod has higher than others."""
    files = [read_module_file(it.encode()) for it in (text, *chosen)]
    return [str(it) for it in find_raised(files[0], files[1:])]


def test_a_version_of_either_side_is_not_raised() -> None:
    one, other = "go 1.21\nrequire a v1.0.0\nrequire b v1.1.0\n", "go 1.22\nrequire a v1.2.0\n"

    assert raised("go 1.22\nrequire a v1.2.0\nrequire b v1.1.0\n", one, other) == []


def test_a_version_of_neither_side_is_raised() -> None:
    side = "require a v1.0.0\nrequire b v1.0.0 // indirect\n"
    text = "go 1.26.8\ntoolchain go1.26.8\nrequire a v1.0.1\nrequire b v1.1.0 // indirect\n"

    assert raised(text, side, side) == [
        "go nothing → 1.26.8",
        "toolchain nothing → go1.26.8",
        "a v1.0.0 → v1.0.1",
        "b v1.0.0 → v1.1.0",
    ]


def test_a_new_direct_requirement_is_raised_and_an_indirect_one_is_not() -> None:
    text = "require a v1.0.0\nrequire b v1.0.0 // indirect\n"

    assert raised(text, "go 1.21\n") == ["a nothing → v1.0.0"]
